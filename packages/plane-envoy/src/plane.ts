// The plane as the server sees it: records and connected fleets in, changes of resources out.
import type { Graph, Round, Setter } from '@penstock/incremental'
import { type FleetChange, type IrRecord, kindOf, type Plane } from '@penstock/ir'
import { type EnvoyType, envoyTypes } from './envoy-types.ts'
import { fleetOf, nameOf } from './fleet-key.ts'
import { createPlaneGraph, type PlaneGraph, type PlaneGraphOptions, type ReadKind } from './graph.ts'
import { type Attribution, createAttribution, isRead } from './sources.ts'

export interface EnvoyPlane extends Plane {
  readonly graph: Graph
}

export interface EnvoyPlaneOptions extends Pick<PlaneGraphOptions, 'openKey' | 'sharedFrom' | 'trial'> {
  /** What listeners bind to: all IPv4 addresses when left out. */
  readonly address?: string
  /** Told every transaction of the graph, to be counted. */
  readonly onRound?: (round: Round) => void
}

export function createEnvoyPlane({ address = '0.0.0.0', onRound, ...options }: EnvoyPlaneOptions): EnvoyPlane {
  const plane = createPlaneGraph({ ...options, address })
  const { graph, connected, records } = plane
  const transaction = (change: (set: Setter) => void): Round => {
    const round = graph.transaction(change)
    onRound?.(round)
    return round
  }
  return {
    graph,
    apply(changes) {
      const attribution = attribute(plane)
      const round = transaction((set) => {
        for (const { key, record } of changes) {
          const kind = kindOf(key)
          if (!isRead(kind)) continue
          const old = recordAt(plane, kind, key)
          if (old !== undefined) attribution.add(key, old)
          if (record !== undefined) attribution.add(key, record)
          if (record === undefined) set.delete<unknown>(records[kind], key)
          else set.set<unknown>(records[kind], key, record.value)
        }
      })
      return fleetChanges(plane, round, attribution)
    },
    connect(fleet) {
      const attribution = attribute(plane)
      for (const kind of Object.keys(records) as ReadKind[]) {
        for (const [key, value] of graph.values<unknown>(records[kind])) {
          attribution.add(key, { kind, value } as IrRecord)
        }
      }
      const round = transaction((set) => set.set(connected, fleet, true))
      return fleetChanges(plane, round, attribution)
    },
    disconnect(fleet) {
      transaction((set) => set.delete(connected, fleet))
    },
  }
}

function attribute({ graph, records, sharing }: PlaneGraph): Attribution {
  return createAttribution({
    serviceOf(backend) {
      const discovery = graph.values(records.backend).get(backend)?.discovery
      return discovery?.$case === 'service' ? `${discovery.value.namespace}/${discovery.value.service}` : undefined
    },
    certificateOf: (secret) => graph.values(sharing.certificateOf).get(secret),
  })
}

function recordAt({ graph, records }: PlaneGraph, kind: ReadKind, key: string): IrRecord | undefined {
  const value = graph.values<unknown>(records[kind]).get(key)
  return value === undefined ? undefined : ({ kind, value } as IrRecord)
}

/** In order of type: as `envoyTypes` names them, which is make before break. */
function fleetChanges({ outputs }: PlaneGraph, round: Round, attribution: Attribution): FleetChange[] {
  return (Object.keys(envoyTypes) as EnvoyType[]).flatMap((type) =>
    round.deltas(outputs[type]).map(({ key, new: resource }) => ({
      fleet: fleetOf(key),
      typeUrl: envoyTypes[type],
      name: nameOf(key),
      ...(resource === undefined ? {} : { resource }),
      sources: attribution.sourcesOf(type, key),
    })),
  )
}
