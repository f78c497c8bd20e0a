// What one kind of data plane can do, as data: a plane computes it from its tables (an entry is an emitter or
// "unsupported"), and translate answers with it for what a user asks. Neither knows the other.
import type { BackendProtocol } from './gen/penstock/ir/v1/backend.ts'
import type { AccessLog, Tracing } from './gen/penstock/ir/v1/fleet.ts'
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
  readonly proxies: ProxyCapabilities
}

/** What can be done to requests, apart from how proxies are run. */
export type RequestCapabilities = Omit<Capabilities, 'proxies'>

/** What of a GatewayConfig the proxies of a plane can do. */
export interface ProxyCapabilities {
  /** Components that have a log level of their own; unset: whatever the name is, a proxy takes it. */
  readonly logComponents?: ReadonlySet<string>
  readonly accessLogs: {
    /** How many of them a proxy can have. */
    readonly sinks: ReadonlyMap<AccessLogSink, number>
    readonly formats: ReadonlySet<AccessLogFormat>
    /** Why a text, or the value of a field, is not in the words of the plane. */
    readonly problemOf: (words: string) => string | undefined
  }
  readonly tracing: ReadonlySet<keyof Tracing>
  /**
   * Places in the file that a proxy is started with, in snake case, levels parted by dots: nobody but Penstock says what
   * stands there.
   */
  readonly ownBootstrap: readonly string[]
}

export type AccessLogFormat = NonNullable<AccessLog['format']>['$case']
export type AccessLogSink = NonNullable<AccessLog['sink']>['$case'] | 'standardOutput'

/** What stands in a plane's table in place of an emitter. */
export const unsupported = 'unsupported'

/** The cases that a table has an emitter for. */
export function supportedCases<C extends string>(table: { readonly [P in C]: unknown }): Set<C> {
  return new Set((Object.keys(table) as C[]).filter((key) => table[key] !== unsupported))
}
