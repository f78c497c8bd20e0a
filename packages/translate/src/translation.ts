// The translation as a whole: changes of objects in, changes of records and statuses out. It keeps no clock, logs nothing,
// and waits for nothing.
import { parseObjectKey, type Resource, type SealedSecret } from '@penstock/gateway-api'
import type { Collection, Graph, GraphOptions, Input, Round } from '@penstock/incremental'
import type { Infra, IrRecord, Status } from '@penstock/ir'
import { certificateDeadlines, deadlineKeysOf } from './certificate-validity.ts'
import { createClock, type DeadlineChanges } from './deadlines.ts'
import { declareGraph } from './graph.ts'
import { type HeldOutputs, heldOutputs } from './held.ts'
import type { TranslationSettings } from './settings.ts'
import { whyUnserved } from './unserved.ts'

export interface TranslationOptions extends TranslationSettings {
  /** For tests: freeze every value, run every function twice. */
  readonly graph?: GraphOptions
}

/** `key`: that of the RESOURCE record; `undefined` removes the object. */
export interface ResourceChange {
  readonly key: string
  readonly value: Resource | undefined
}

export interface Translation {
  readonly graph: Graph
  /**
   * One transaction. Kinds that no record is made from are passed over. `nowMs`: the time, ms since 1970; as it was when
   * left out, and as long as none is told nothing expires.
   */
  apply(changes: readonly ResourceChange[], nowMs?: number): Round
  /** When there is something new to tell although no object changes: then apply the time. */
  readonly nextDeadlineMs: number | undefined
  /** Whether objects of this key's kind have any effect yet. */
  reads(key: string): boolean
  /** Why this object has neither a status nor another controller to answer for it; undefined if it has. */
  unserved(key: string): string | undefined
  /** By the keys of `@penstock/ir`. */
  readonly ir: Collection<IrRecord>
  /** By the keys of the objects. */
  readonly status: Collection<Status>
  /** By the names of the fleets. */
  readonly infra: Collection<Infra>
  /** Outputs that must be neither published nor swept: the function that makes them threw, or what they ask for is unknown. */
  held(): HeldOutputs
}

export function createTranslation(options: TranslationOptions): Translation {
  const { graph, inputs, records, ir, status, infra, unsureFleets, deadlines } = declareGraph(options, options.graph)
  const clock = createClock({ graph, moments: inputs.moments, deadlines })
  const byKind = new Map<string, Input<unknown>>([
    ['apiextensions.k8s.io/CustomResourceDefinition', inputs.customResourceDefinitions],
    ['penstock.dev/GatewayConfig', inputs.gatewayConfigs],
    ['gateway.networking.k8s.io/GatewayClass', inputs.gatewayClasses],
    ['gateway.networking.k8s.io/Gateway', inputs.gateways],
    ['gateway.networking.k8s.io/ListenerSet', inputs.listenerSets],
    ['gateway.networking.k8s.io/HTTPRoute', inputs.routes],
    ['gateway.networking.k8s.io/GRPCRoute', inputs.routes],
    ['gateway.networking.k8s.io/ReferenceGrant', inputs.referenceGrants],
    ['discovery.k8s.io/EndpointSlice', inputs.endpointSlices],
    ['/Service', inputs.services],
    ['gateway.networking.k8s.io/BackendTLSPolicy', inputs.tlsPolicies],
    ['/ConfigMap', inputs.configMaps],
    ['certificates.k8s.io/ClusterTrustBundle', inputs.clusterTrustBundles],
    ['penstock.dev/UnservedKind', inputs.unservedKinds],
    ['/Secret', inputs.secrets],
    ['/Namespace', inputs.namespaces],
  ])
  const inputOf = (key: string): Input<unknown> | undefined => {
    const { group, kind } = parseObjectKey(key)
    return byKind.get(`${group}/${kind}`)
  }
  const held = (): HeldOutputs => heldOutputs({ graph, inputs, records, status, infra, unsureFleets })
  return {
    graph,
    ir,
    status,
    infra,
    reads: (key) => inputOf(key) !== undefined,
    unserved(key) {
      const isAsked = [inputs.gateways, inputs.listenerSets, inputs.routes].some((input) =>
        graph.values<unknown>(input).has(key),
      )
      if (!isAsked || graph.values(status).has(key) || held().status.has(key)) return undefined
      return whyUnserved(key, graph, inputs)
    },
    held,
    get nextDeadlineMs() {
      return clock.nextMs
    },
    apply(changes, nowMs) {
      const round = graph.transaction((set) => {
        clock.tell(set, nowMs, deadlinesIn(changes, options))
        for (const { key, value } of changes) {
          const input = inputOf(key)
          if (input === undefined) continue
          if (value === undefined) set.delete(input, key)
          else set.set<unknown>(input, key, value)
        }
      })
      clock.look(round)
      return round
    },
  }
}

/** The deadlines that come and go with these changes. */
function deadlinesIn(
  changes: readonly ResourceChange[],
  { certificateWarningMs }: TranslationSettings,
): DeadlineChanges {
  const secrets = [...new Map(changes.map((change) => [change.key, change])).values()].filter(({ key }) => {
    const { group, kind } = parseObjectKey(key)
    return group === '' && kind === 'Secret'
  })
  return {
    gone: secrets.flatMap(({ key }) => deadlineKeysOf(key)),
    come: secrets.flatMap(({ key, value }) =>
      value === undefined ? [] : certificateDeadlines(value as SealedSecret, key, certificateWarningMs),
    ),
  }
}
