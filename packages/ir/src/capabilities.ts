// What one kind of data plane can do, as data: a plane computes it from its tables (an entry is an emitter or
// "unsupported"), and translate answers with it for what a user asks. Neither knows the other.
import type { BackendProtocol } from './gen/penstock/ir/v1/backend.ts'
import type { HttpFilter } from './gen/penstock/ir/v1/http_filter.ts'
import type { Listener } from './gen/penstock/ir/v1/listener.ts'

export type HttpFilterCase = NonNullable<HttpFilter['filter']>['$case']
export type ListenerCase = NonNullable<Listener['protocol']>['$case']

/** As the `plane` of a fleet record says it. */
export type PlaneName = 'envoy' | 'agentgateway'

export interface Capabilities {
  readonly listeners: ReadonlySet<ListenerCase>
  /** Filters of a whole rule. */
  readonly filters: ReadonlySet<HttpFilterCase>
  /** Filters of one weighted backend of a rule. */
  readonly backendFilters: ReadonlySet<HttpFilterCase>
  readonly backendProtocols: ReadonlySet<BackendProtocol>
  /**
   * Gateway API features that no field of the IR shows, such as `GatewayHTTPListenerIsolation`: what a plane does with
   * the same records. The names are those of the release's `pkg/features`.
   */
  readonly features: ReadonlySet<string>
}

/** What stands in a plane's table in place of an emitter. */
export const unsupported = 'unsupported'

/** The cases that a table has an emitter for. */
export function supportedCases<C extends string>(table: { readonly [P in C]: unknown }): Set<C> {
  return new Set((Object.keys(table) as C[]).filter((key) => table[key] !== unsupported))
}
