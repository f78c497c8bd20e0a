// Whatever the history, the same bytes: each case shuffled, in random batches, with objects deleted and added again.
import { describe, expect, it } from '@jest/globals'
import { equal } from '@penstock/incremental'
import fc from 'fast-check'
import { caseNames, type GoldenCase, loadCase } from './load-case.ts'
import { createPipeline, type ResourceChange } from './pipeline.ts'

const runs = Number(process.env.ORACLE_RUNS ?? 6)

/** Batches that end with every object present: each comes once, and some go and come back on the way. */
function histories({ resources }: GoldenCase): fc.Arbitrary<ResourceChange[][]> {
  const entries = [...resources].map(([key, value]) => ({ key, value }))
  const order = fc.shuffledSubarray(entries, { minLength: entries.length })
  const again = fc.array(fc.nat(entries.length - 1), { maxLength: 4 })
  const cuts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 })
  return fc.tuple(order, again, cuts).map(([shuffled, returning, sizes]) => {
    const changes: ResourceChange[] = [...shuffled]
    for (const index of returning) {
      const entry = entries[index]
      if (entry) changes.push({ key: entry.key, value: undefined }, entry)
    }
    return batches(changes, sizes)
  })
}

function batches(changes: readonly ResourceChange[], sizes: readonly number[]): ResourceChange[][] {
  const cut: ResourceChange[][] = []
  for (let at = 0, turn = 0; at < changes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    cut.push(changes.slice(at, at + size))
    at += size
  }
  return cut
}

describe('history leaves no trace', () => {
  it.each(caseNames())('%s', (name) => {
    const golden = loadCase(name)
    const once = createPipeline('envoy', { managed: golden.managed })
    once.apply([...golden.resources].map(([key, value]) => ({ key, value })))
    const expected = once.records()
    fc.assert(
      fc.property(histories(golden), (history) => {
        const pipeline = createPipeline('envoy', { managed: golden.managed })
        for (const batch of history) pipeline.apply(batch)
        if (equal(pipeline.records(), expected)) return
        expect(pipeline.outputs()).toEqual(once.outputs())
        throw new Error('the records differ in what no file shows')
      }),
      { numRuns: runs },
    )
  })
})
