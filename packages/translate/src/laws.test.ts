// The laws of the engine (packages/incremental/LAWS.md) on the real graph: whatever happened before, only the objects that
// are there now decide what comes out.
import { describe, expect, it } from '@jest/globals'
import { checkLaws } from '@penstock/incremental/laws'
import { certificateKey, fleetKey, type IrRecord } from '@penstock/ir'
import fc from 'fast-check'
import { histories } from './histories.test-data.ts'
import { capabilities } from './rig.test-data.ts'
import { createTranslation, type Translation } from './translation.ts'

const build = (fleet?: string) => (): Translation =>
  createTranslation({
    controllerName: 'penstock.dev/gateway-controller',
    capabilities: { envoy: capabilities },
    graph: { freeze: true, twice: true },
    ...(fleet ? { fleet } : {}),
  })

/** Keys of the records that a record names. */
function namedBy({ kind, value }: IrRecord): readonly string[] {
  switch (kind) {
    case 'gateway':
      return [fleetKey({ name: value.fleet })]
    case 'listener':
      return [
        fleetKey({ name: value.fleet }),
        ...(value.protocol?.$case === 'https' ? value.protocol.value.certificates.map(certificateKey) : []),
      ]
    case 'http_rule':
      return [
        ...value.attachments.flatMap(({ listener, fleet }) => [listener, fleetKey({ name: fleet })]),
        ...value.backends.flatMap(({ target }) => (target?.$case === 'backend' ? [target.value] : [])),
      ]
    default:
      return []
  }
}

const runs = Number(process.env['LAW_RUNS'] ?? 60)

describe('from scratch, batching, order, delta, work, space, purity', () => {
  it.each([undefined, 'local'])('hold on any history, with the fleet %s', (fleet) => {
    fc.assert(
      fc.property(histories, fc.integer(), (history, seed) => checkLaws(build(fleet), history, seed)),
      { numRuns: runs },
    )
  })
})

describe('on any history', () => {
  it('every reference between records resolves', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { graph, ir, apply } = build('local')()
        for (const round of history) apply(round)
        const records = graph.values(ir)
        for (const [key, record] of records)
          for (const to of namedBy(record)) expect([key, records.has(to)]).toEqual([key, true])
      }),
      { numRuns: runs },
    )
  })
})
