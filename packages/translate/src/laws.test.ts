// The laws of the engine (packages/incremental/LAWS.md) on the real graph: whatever happened before, only the objects that
// are there now decide what comes out.
import { describe, expect, it } from '@jest/globals'
import { type ConditionOwner, conditions } from '@penstock/gateway-api'
import { equal } from '@penstock/incremental'
import { checkLaws } from '@penstock/incremental/laws'
import {
  backendsNamedBy,
  type Condition,
  certificateKey,
  decodeIrRecord,
  encodeIrRecord,
  fleetKey,
  type IrRecord,
  type Status,
} from '@penstock/ir'
import fc from 'fast-check'
import { histories } from './histories.test-data.ts'
import { checkHeld, createSubject } from './subject.test-data.ts'
import type { Translation } from './translation.ts'
import { bundlesOf } from './trust-bundle.ts'

/** Keys of the records that a record names. */
function namedBy({ kind, value }: IrRecord): readonly string[] {
  switch (kind) {
    case 'gateway':
      return [
        fleetKey({ name: value.fleet }),
        ...(value.backendCertificate ? [certificateKey(value.backendCertificate)] : []),
      ]
    case 'listener':
      return [
        fleetKey({ name: value.fleet }),
        ...(value.protocol?.$case === 'https' ? value.protocol.value.certificates.map(certificateKey) : []),
        ...bundlesOf({ kind, value }),
      ]
    case 'backend':
      return bundlesOf({ kind, value })
    case 'http_rule':
      return [
        ...value.attachments.flatMap(({ listener, fleet }) => [listener, fleetKey({ name: fleet })]),
        ...backendsNamedBy(value),
      ]
    default:
      return []
  }
}

const runs = 60

describe('from scratch, batching, order, delta, work, space, purity', () => {
  it.each([undefined, 'local'])('hold on any history, with the fleet %s', (fleet) => {
    fc.assert(
      fc.property(histories, fc.integer(), (history, seed) => checkLaws(() => createSubject({ fleet }), history, seed)),
      { numRuns: runs },
    )
  })
})

describe('held', () => {
  it('started with any functions broken, it has nothing to publish but what it published without', () => {
    fc.assert(
      fc.property(histories, fc.integer(), (history, seed) => checkHeld(history.flat(), seed)),
      { numRuns: runs },
    )
  })
})

/** The translation after a history, seen at its end. */
const afterAny = (look: (translation: Translation) => void): void =>
  fc.assert(
    fc.property(histories, fc.constantFrom(undefined, 'local'), (history, fleet) => {
      const { translation, apply } = createSubject({ fleet })
      for (const round of history) apply(round)
      look(translation)
    }),
    { numRuns: runs },
  )

describe('after any history', () => {
  it('every reference between records resolves', () => {
    afterAny(({ graph, ir }) => {
      const records = graph.values(ir)
      const dangling = [...records].flatMap(([key, record]) =>
        namedBy(record).flatMap((to) => (records.has(to) ? [] : [`${key} names ${to}`])),
      )
      expect(dangling).toEqual([])
    })
  })

  it('every record is the same after it has crossed the bus', () => {
    afterAny(({ graph, ir }) => {
      for (const record of graph.values(ir).values()) {
        const crossed = decodeIrRecord(record.kind, encodeIrRecord(record))
        if (!equal(crossed, record)) expect(crossed).toEqual(record)
      }
    })
  })

  it('every condition is one that the specification knows, has a message, and no list holds more than eight', () => {
    afterAny(({ graph, status }) => {
      for (const { owner, list } of [...graph.values(status).values()].flatMap(listsOf)) {
        expect(list.length).toBeLessThanOrEqual(8)
        for (const condition of list) expect([condition, isKnown(owner, condition)]).toEqual([condition, true])
      }
    })
  })
})

function listsOf({ source, conditions: own, listeners, parents }: Status) {
  const owner = source?.kind as ConditionOwner
  return [
    { owner, list: own },
    ...listeners.map((listener) => ({ owner: 'Listener' as const, list: listener.conditions })),
    ...parents.map((parent) => ({
      owner: owner === 'BackendTLSPolicy' ? owner : ('RouteParent' as const),
      list: parent.conditions,
    })),
  ].filter(({ list }) => list.length > 0)
}

function isKnown(owner: ConditionOwner, { type, status, reason, message }: Condition): boolean {
  const types: Readonly<Record<string, { readonly True?: readonly string[]; readonly False?: readonly string[] }>> =
    conditions[owner]
  return message !== '' && (types[type]?.[status ? 'True' : 'False'] ?? []).includes(reason)
}
