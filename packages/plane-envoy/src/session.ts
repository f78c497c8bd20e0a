// Requests of one client to one endpoint (Gateway API: SessionPersistence). The proxy keeps nothing: the client carries the
// endpoint's address. The filter stands switched on in every listener and does nothing unless the route that a request found
// says how.
import type { Session } from '@penstock/ir'
import { packAny } from './any.ts'
import type { TypedExtensionConfig } from './gen/envoy/config/core/v3/extension.ts'
import type { Route } from './gen/envoy/config/route/v3/route_components.ts'
import {
  StatefulSession,
  StatefulSessionPerRoute,
} from './gen/envoy/extensions/filters/http/stateful_session/v3/stateful_session.ts'
import type { HttpFilter } from './gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts'
import { CookieBasedSessionState } from './gen/envoy/extensions/http/stateful_session/cookie/v3/cookie.ts'
import { HeaderBasedSessionState } from './gen/envoy/extensions/http/stateful_session/header/v3/header.ts'
import type { Any } from './gen/google/protobuf/any.ts'

const filterName = 'envoy.filters.http.stateful_session'
const filterPackage = 'envoy.extensions.filters.http.stateful_session.v3'

export const sessionFilter: HttpFilter = {
  name: filterName,
  configType: {
    $case: 'typedConfig',
    value: packAny(`${filterPackage}.StatefulSession`, StatefulSession, {}),
  },
}

export function emitSession(session: Session): NonNullable<Route['typedPerFilterConfig']> {
  const settings: StatefulSessionPerRoute = {
    override: { $case: 'statefulSession', value: { sessionState: emitCarrier(session) } },
  }
  return { [filterName]: packAny(`${filterPackage}.StatefulSessionPerRoute`, StatefulSessionPerRoute, settings) }
}

function emitCarrier({ carrier }: Session): TypedExtensionConfig {
  switch (carrier?.$case) {
    case 'cookie': {
      const { name, path, lifetimeSeconds } = carrier.value
      const lifetime = lifetimeSeconds === undefined ? {} : { ttl: { seconds: BigInt(lifetimeSeconds), nanos: 0 } }
      return state('cookie', 'CookieBasedSessionState', (type) =>
        packAny(type, CookieBasedSessionState, { cookie: { name, path, ...lifetime } }),
      )
    }
    case 'header':
      return state('header', 'HeaderBasedSessionState', (type) =>
        packAny(type, HeaderBasedSessionState, { name: carrier.value }),
      )
    default:
      throw new Error('a session without a carrier: of a newer schema')
  }
}

const state = (kind: 'cookie' | 'header', message: string, pack: (type: string) => Any): TypedExtensionConfig => ({
  name: `envoy.http.stateful_session.${kind}`,
  typedConfig: pack(`envoy.extensions.http.stateful_session.${kind}.v3.${message}`),
})
