// One rule's routes, encoded: one for each match, each with the text that orders it among the routes of its host.
import type { HttpMatch, HttpRule } from '@penstock/ir'
import { addCors } from './cors.ts'
import { applyFilters, type Effects, ruleFilters } from './filters.ts'
import { emitForwarding, type Forwarding } from './forwarding.ts'
import { Route } from './gen/envoy/config/route/v3/route_components.ts'
import { emitHeaderEdits } from './header-edits.ts'
import { emitMatch } from './matches.ts'
import { emitRedirect, type Site } from './redirects.ts'
import { emitSession } from './session.ts'
import { emitKeptBody } from './tries.ts'

export interface OrderedRoute {
  /** Sorts before the routes that it wins against, between equally specific hostnames. */
  readonly order: string
  /** An encoded Route. */
  readonly bytes: Uint8Array
}

/** `name` is the rule's; it stands in the routes' names, so access logs and statistics can tell who took a request. */
export function emitRoutes(rule: HttpRule, name: string, site: Site): OrderedRoute[] {
  const effects = applyFilters(rule.filters, ruleFilters)
  const frame = { ...emitFrame(effects), ...emitKeptBody(rule) }
  return rule.matches.flatMap((match, index) => {
    const place = String(index).padStart(4, '0')
    const order = [match.precedence, rule.precedence, place].join('\0')
    const actions = emitActions(rule, match, effects, site)
    const { cors } = effects
    const routes = cors === undefined ? actions : actions.flatMap((route) => addCors(route, cors))
    return routes.map((route, variant) => ({
      order: `${order}${String(variant).padStart(2, '0')}`,
      bytes: Route.encode({
        name: `${name}/${index}`,
        ...frame,
        ...route,
        responseHeadersToAdd: [...(route.responseHeadersToAdd ?? []), ...(frame.responseHeadersToAdd ?? [])],
      }).finish(),
    }))
  })
}

/** What is the same for each of a rule's routes. */
function emitFrame(effects: Effects): Route {
  const request = emitHeaderEdits(effects.requestHeaders)
  const response = emitHeaderEdits(effects.responseHeaders)
  return {
    requestHeadersToAdd: request.add,
    requestHeadersToRemove: request.remove,
    responseHeadersToAdd: response.add,
    responseHeadersToRemove: response.remove,
  }
}

/** Mostly one route; of several that take the same requests the first wins. */
function emitActions(rule: HttpRule, httpMatch: HttpMatch, effects: Effects, site: Site): Route[] {
  const match = emitMatch(httpMatch)
  const prefix = httpMatch.path?.$case === 'prefix' ? httpMatch.path.value : undefined
  const { end } = effects
  if (end !== undefined && 'redirect' in end) {
    const { action, hostWithPort } = emitRedirect(end.redirect, prefix, site)
    const route: Route = { match, action: { $case: 'redirect', value: action } }
    if (hostWithPort === undefined) return [route]
    const portMatch = { ...match, headers: [...(match.headers ?? []), namesPort] }
    return [{ match: portMatch, action: { $case: 'redirect', value: hostWithPort } }, route]
  }
  const forwardings: Forwarding[] = end === undefined ? emitForwarding(rule, effects, prefix) : [{ action: end.answer }]
  return forwardings.map(({ action, share }) => ({
    match: share === undefined ? match : { ...match, runtimeFraction: share },
    action:
      typeof action === 'number'
        ? { $case: 'directResponse', value: { status: action } }
        : { $case: 'route', value: action },
    ...(effects.session === undefined ? {} : { typedPerFilterConfig: emitSession(effects.session) }),
  }))
}

const namesPort = {
  name: ':authority',
  headerMatchSpecifier: {
    $case: 'stringMatch',
    value: { matchPattern: { $case: 'safeRegex', value: { regex: '.*:[0-9]+' } } },
  },
} as const
