// The plane as the server sees it: records and connected fleets in, changes of resources out.
import type { Delta, Graph, Round, Setter } from '@penstock/incremental'
import { type FleetChange, type IrKind, kindOf, type Plane, type Source, sourceKey } from '@penstock/ir'
import { type AgentgatewayType, agentgatewayTypes } from './agentgateway-types.ts'
import { fleetOf, nameOf } from './fleet-key.ts'
import { createPlaneGraph, type PlaneGraph, type PlaneGraphOptions, type ReadKind } from './graph.ts'
import type { Emitted } from './resource.ts'

export interface AgentgatewayPlane extends Plane {
  readonly graph: Graph
}

export interface AgentgatewayPlaneOptions extends PlaneGraphOptions {
  /** Told every transaction of the graph, to be counted. */
  readonly onRound?: (round: Round) => void
}

export function createAgentgatewayPlane({ onRound, ...options }: AgentgatewayPlaneOptions): AgentgatewayPlane {
  const plane = createPlaneGraph(options)
  const { graph, connected, records } = plane
  const transaction = (change: (set: Setter) => void): Round => {
    const round = graph.transaction(change)
    onRound?.(round)
    return round
  }
  const valueAt = (key: string, kind: ReadKind): Sourced | undefined => graph.values<Sourced>(records[kind]).get(key)
  const sourcesNow = (keys: readonly string[]): Source[] =>
    keys.flatMap((key) => {
      const kind = kindOf(key)
      return isRead(kind, records) ? sourcesIn([valueAt(key, kind)]) : []
    })
  return {
    graph,
    apply(changes) {
      const touched = new Map<string, Source[]>()
      const round = transaction((set) => {
        for (const { key, record } of changes) {
          const kind = kindOf(key)
          if (!isRead(kind, records)) continue
          touched.set(key, sourcesIn([record?.value, valueAt(key, kind)]))
          if (record === undefined) set.delete<unknown>(records[kind], key)
          else set.set<unknown>(records[kind], key, record.value)
        }
      })
      const sourcesOf = (from: readonly string[]): Source[] => {
        const parts = from.flatMap((key) => touched.get(key) ?? [])
        return parts.length > 0 ? parts : [...touched.values()].flat()
      }
      return fleetChanges(plane, round, { sourcesOf, ownersOf: sourcesNow })
    },
    connect(fleet) {
      const round = transaction((set) => set.set(connected, fleet, true))
      return fleetChanges(plane, round, { sourcesOf: sourcesNow, ownersOf: sourcesNow })
    },
    disconnect(fleet) {
      transaction((set) => set.delete(connected, fleet))
    },
  }
}

interface Sourced {
  readonly source?: Source | undefined
}

const sourcesIn = (values: readonly (Sourced | undefined)[]): Source[] => values.flatMap((value) => value?.source ?? [])

const isRead = (kind: IrKind, records: PlaneGraph['records']): kind is ReadKind => kind in records

/** Of the records with these keys. */
interface Attribution {
  /** The objects behind the change. */
  sourcesOf(from: readonly string[]): readonly Source[]
  ownersOf(keys: readonly string[]): readonly Source[]
}

/** Make before break: in order of type. */
function fleetChanges({ outputs }: PlaneGraph, round: Round, { sourcesOf, ownersOf }: Attribution): FleetChange[] {
  return (Object.keys(agentgatewayTypes) as AgentgatewayType[]).flatMap((type) =>
    round
      .deltas(outputs[type])
      .filter(changesBytes)
      .map(({ key, old, new: now }) => ({
        fleet: fleetOf(key),
        typeUrl: agentgatewayTypes[type],
        name: nameOf(key),
        ...(now && { resource: now.resource, owners: newestOfEach(ownersOf(now.owners ?? now.from)) }),
        sources: newestOfEach(sourcesOf([...(old?.from ?? []), ...(now?.from ?? [])])),
      })),
  )
}

const changesBytes = ({ old, new: now }: Delta<Emitted>): boolean => old?.resource.version !== now?.resource.version

/** Each object once, in order of key. */
function newestOfEach(sources: readonly Source[]): Source[] {
  const found = new Map<string, Source>()
  for (const source of sources) {
    const key = sourceKey(source)
    if ((found.get(key)?.generation ?? -1) < source.generation) found.set(key, source)
  }
  return [...found.keys()].sort().map((key) => found.get(key) as Source)
}
