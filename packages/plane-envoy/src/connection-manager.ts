// The HTTP connection manager of one port: nothing of any route, and for every listener on the port the same but for the
// name of a TLS listener. Later filters stand ready here.
import { packAny } from './any.ts'
import { byAdsWithoutDeadline } from './config-source.ts'
import { corsFilter } from './cors.ts'
import type { Filter } from './gen/envoy/config/listener/v3/listener_components.ts'
import { Router } from './gen/envoy/extensions/filters/http/router/v3/router.ts'
import {
  HttpConnectionManager,
  HttpConnectionManager_ServerHeaderTransformation,
  type HttpFilter,
} from './gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts'
import { scopeFilter, scopeKeyBuilder, scopeMutation } from './scope-key.ts'
import { sessionFilter } from './session.ts'
import type { TelemetryParts } from './telemetry.ts'

interface Management {
  readonly port: number
  /** What it says of requests. */
  readonly telemetry: TelemetryParts
  /** The name of the listener, where TLS tells connections to several of a port apart. */
  readonly served?: string | undefined
}

export function emitConnectionManager({ port, served, telemetry }: Management): Filter {
  const name = 'envoy.filters.network.http_connection_manager'
  const manager: HttpConnectionManager = {
    statPrefix: `http-${port}`,
    routeSpecifier: {
      $case: 'scopedRoutes',
      value: {
        name: `${port}`,
        scopeKeyBuilder,
        rdsConfigSource: byAdsWithoutDeadline,
        configSpecifier: { $case: 'scopedRds', value: { scopedRdsConfigSource: byAdsWithoutDeadline } },
      },
    },
    earlyHeaderMutationExtensions: [scopeMutation(port, served)],
    httpFilters: [scopeFilter, corsFilter, sessionFilter, routerFilter],
    upgradeConfigs: [{ upgradeType: 'websocket' }],
    // The proxy stands at the edge: what a client says of itself in x-forwarded-for is not trusted.
    useRemoteAddress: true,
    normalizePath: true,
    serverHeaderTransformation: HttpConnectionManager_ServerHeaderTransformation.PASS_THROUGH,
    ...telemetry,
  }
  const typedConfig = packAny(
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    HttpConnectionManager,
    manager,
  )
  return { name, configType: { $case: 'typedConfig', value: typedConfig } }
}

const routerFilter: HttpFilter = {
  name: 'envoy.filters.http.router',
  configType: {
    $case: 'typedConfig',
    value: packAny('envoy.extensions.filters.http.router.v3.Router', Router, { suppressEnvoyHeaders: true }),
  },
}
