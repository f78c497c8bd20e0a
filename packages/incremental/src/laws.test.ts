// The laws on a toy graph. `pnpm laws` has the long form, for all graphs.
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { checkColdStart, checkLaws, failing, type History } from './laws.ts'
import { createToy, type Fact, history } from './toy.test-data.ts'

describe('on any history of the toy graph', () => {
  it('laws 1 to 6 hold: from scratch, batching, order, delta, work, space; and 7, every function being run twice', () => {
    fc.assert(
      fc.property(history, fc.integer(), (h, seed) => checkLaws(() => createToy(), h, seed)),
      { numRuns: 300 },
    )
  })

  it('held: started with any functions broken, it has nothing to say but what it said without', () => {
    fc.assert(
      fc.property(history, fc.integer(), (h, seed) =>
        checkColdStart({ build: (options) => createToy(options, false), changes: h.flat(), fail: failing(seed) }),
      ),
      { numRuns: 300 },
    )
  })

  it('law 7: the same history does the same work in the same order, and says the same', () => {
    const run = (h: History<Fact>) => {
      const { graph, apply } = createToy()
      return h.map(apply).map((round) => [round.work, round.reads, graph.collections.map((c) => round.deltas(c))])
    }
    fc.assert(
      fc.property(history, (h) => expect(run(h)).toEqual(run(h))),
      { numRuns: 50 },
    )
  })
})
