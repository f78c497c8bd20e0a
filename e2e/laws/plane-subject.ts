// The graph of a plane as the laws take it: fed by the translation of the same history, with fleets whose proxies come and
// go.
import type { Graph, GraphOptions, Input } from '@penstock/incremental'
import type { Change, History, Subject } from '@penstock/incremental/laws'
import { type IrRecord, kindOf } from '@penstock/ir'
import { createPlaneGraph as createAgentgatewayGraph } from '@penstock/plane-agentgateway/graph'
import { createPlaneGraph as createEnvoyGraph } from '@penstock/plane-envoy/graph'
import { type Fact, histories } from '@penstock/translate/histories'
import { applyFacts, createSubject } from '@penstock/translate/subject'
import fc from 'fast-check'

const connection = 'connection '

/** The key of a change that connects a fleet or disconnects it. */
export const connectionKey = (fleet: string): string => `${connection}${fleet}`

export interface PlaneSubjectOptions {
  readonly plane?: keyof typeof planes
  readonly fleet?: string | undefined
  /** How many HTTPS listeners of a port share a filter chain, of an Envoy. */
  readonly sharedFrom?: number
  readonly trial?: GraphOptions
}

/** What the laws need to know of a plane. */
interface PlaneGraph {
  readonly graph: Graph
  readonly records: object
  readonly connected: Input<true>
}

const openKey = ({ box }: { readonly box: Uint8Array }): string => Buffer.from(box).toString()

const planes = {
  envoy: (trial: GraphOptions, sharedFrom: number): PlaneGraph =>
    createEnvoyGraph({ openKey, address: '0.0.0.0', sharedFrom, trial }),
  agentgateway: (trial: GraphOptions): PlaneGraph => createAgentgatewayGraph({ openKey, trial }),
}

export function createPlaneSubject({
  plane = 'envoy',
  fleet,
  sharedFrom = 1,
  trial,
}: PlaneSubjectOptions = {}): Subject<Fact> {
  const { translation } = createSubject({ fleet, graph: { freeze: false, twice: false } })
  const { graph, records, connected } = planes[plane](trial ?? { freeze: true, twice: true }, sharedFrom)
  const inputs: Readonly<Record<string, Input<unknown>>> = { ...records }
  return {
    graph,
    apply(changes) {
      const facts = changes.filter(({ key }) => !key.startsWith(connection))
      const translated = applyFacts(translation, facts).deltas<IrRecord>(translation.ir)
      return graph.transaction((set) => {
        for (const { key, value } of changes) {
          if (!key.startsWith(connection)) continue
          const name = key.slice(connection.length)
          if (value === undefined) set.delete(connected, name)
          else set.set(connected, name, true)
        }
        for (const { key, new: record } of translated) {
          const input = inputs[kindOf(key)]
          if (input === undefined) continue
          if (record === undefined) set.delete(input, key)
          else set.set<unknown>(input, key, record.value)
        }
      })
    },
  }
}

const connections: fc.Arbitrary<Change<Fact>> = fc
  .tuple(fc.constantFrom('local', 'a~gw', 'b~gw', 'a~old'), fc.constantFrom(1, 1, undefined))
  .map(([name, value]) => ({ key: connectionKey(name), value }))

/** Each round after the first may bring proxies of a fleet, or end with them. */
export const planeHistories: fc.Arbitrary<History<Fact>> = fc
  .tuple(histories, fc.array(fc.tuple(fc.nat({ max: 8 }), connections), { minLength: 1, maxLength: 6 }))
  .map(([history, coming]) =>
    history.map((round, at) => [...round, ...coming.flatMap(([when, change]) => (when === at ? [change] : []))]),
  )
