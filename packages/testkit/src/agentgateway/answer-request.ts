// A request from its arrival to its answer, step by step as the proxy takes them.
import type { Listener } from './accept-listener.ts'
import type { Route, WeightedTarget } from './accept-route.ts'
import type { OpenBind } from './bind-store.ts'
import { type ForAnswer, mirrorRequest, type Outgoing, type Surroundings, tryBackend, within } from './call-backend.ts'
import { applyCors } from './cors.ts'
import { createHeaderList, dropHopByHop, editHeaders, editRequest, type HeaderList } from './header-list.ts'
import { bestByHostname, takesHost } from './hostname-ranks.ts'
import { type Answer, answerOf, isGrpc, NoBackend, ProxyFault } from './proxy-fault.ts'
import { type Asked, type Chosen, chooseRoute } from './route-choice.ts'
import { backendRules, type TrafficRules, trafficRules } from './rules-in-force.ts'
import { redirectAnswer, rewritten, splitAuthority } from './url-edit.ts'

/** As it came from the client. */
export interface Arrived {
  readonly bind: OpenBind
  /** Over TLS the handshake has chosen it. */
  readonly listener: Listener | undefined
  readonly isTls: boolean
  readonly version: 1 | 2
  readonly method: string
  readonly authority: string
  readonly target: string
  readonly headers: HeaderList
  readonly body: Uint8Array
  /** What the connection is to become. */
  readonly upgrade?: string | undefined
}

export async function answerRequest(arrived: Arrived, around: Surroundings): Promise<Answer> {
  const toGrpc = isGrpc(arrived.headers)
  const later: ForAnswer = { headers: [] }
  const answer = await route(arrived, around, later).catch((error: unknown) => {
    if (error instanceof ProxyFault) return answerOf(error, toGrpc)
    throw error
  })
  const headers = answer.headers.copy()
  editHeaders(later.route, headers)
  editHeaders(later.backend, headers)
  for (const [name, value] of later.headers) headers.set(name, value)
  return { ...answer, headers }
}

async function route(arrived: Arrived, around: Surroundings, later: ForAnswer): Promise<Answer> {
  const startMs = performance.now()
  const { authority, target, method, isTls, bind, version, body, upgrade } = arrived
  const headers = arrived.headers.copy()
  dropHopByHop(headers)
  headers.remove('host')
  if (authority === '') throw new ProxyFault(503, 'no authority or host')
  const [host] = splitAuthority(authority)
  const asked: Asked = { method, host, authority, scheme: isTls ? 'https' : 'http', target, headers }
  const listener = listenerFor(arrived, host)
  if (isTls) refuseMisdirected(bind, listener, host)
  const { chosen, backend } = chooseChain(around, listener, asked)
  const rules = trafficRules(around.store, listener, chosen.route)
  const step = applyRules(rules, asked, chosen, later)
  if ('status' in step) return step
  if (backend === undefined) throw new NoBackend()
  const from = { listener, route: chosen.route }
  const outgoing: Outgoing = {
    ...{ client: { isTls, version, upgrade }, asked: step, body, target: backend.target, path: chosen.path, later },
    rules: backendRules(around.store, backend.target, backend.rules, from),
    keepsHost: rules.hostRewrite === 'none' || Boolean(rules.urlRewrite?.host),
  }
  mirrorRequest([...(rules.requestMirror ?? []), ...(outgoing.rules.requestMirror ?? [])], outgoing, around)
  const deadlineMs = rules.timeout?.requestMs === undefined ? undefined : startMs + rules.timeout.requestMs
  const answer = tryBackend(outgoing, around, rules, deadlineMs)
  return deadlineMs === undefined ? answer : within(deadlineMs, answer)
}

function listenerFor({ bind, listener }: Arrived, host: string): Listener {
  const plain = [...bind.listeners.values()].filter(({ protocol }) => protocol === 'http')
  const found = listener ?? bestByHostname(plain, host)
  if (found === undefined) throw new ProxyFault(404, 'listener not found')
  return found
}

export const tlsListeners = ({ listeners }: OpenBind): Listener[] =>
  [...listeners.values()].filter(({ protocol }) => protocol === 'https' || protocol === 'tls')

/** The connection is for one listener, and the request for another: 421, or 404 where there is no other. */
function refuseMisdirected(bind: OpenBind, listener: Listener, host: string): void {
  const best = bestByHostname(tlsListeners(bind), host)
  if (best !== undefined && best.key !== listener.key) throw new ProxyFault(421, 'misdirected request')
  if (!takesHost(listener, host)) throw new ProxyFault(404, 'route not found')
}

/** Through groups of routes, as long as what is drawn is one. */
function chooseChain(
  { store, random }: Surroundings,
  listener: Listener,
  asked: Asked,
): { chosen: Chosen; backend: WeightedTarget | undefined } {
  const seen = new Set<string>()
  for (let home = `listener ${listener.key}`; ; ) {
    const chosen = chooseRoute(store.routesOf(home), asked)
    if (chosen === undefined) throw new ProxyFault(404, 'route not found')
    if (seen.has(chosen.route.key)) throw new ProxyFault(500, 'route cycle detected')
    seen.add(chosen.route.key)
    const backend = drawBackend(chosen.route, random)
    if (backend?.target.is !== 'group') return { chosen, backend }
    home = `group ${backend.target.key}`
  }
}

export function drawBackend({ backends }: Pick<Route, 'backends'>, random: () => number): WeightedTarget | undefined {
  let left = random() * backends.reduce((sum, { weight }) => sum + weight, 0)
  return backends.find(({ weight }) => (left -= weight) < 0)
}

/** In the proxy's fixed order, whatever the order of the policies. */
function applyRules(rules: TrafficRules, asked: Asked, { path }: Chosen, later: ForAnswer): Answer | Asked {
  if (rules.cors) {
    const { answer, headers } = applyCors(rules.cors, asked)
    later.headers = headers
    if (answer) return answer
  }
  later.route = rules.responseHeaderModifier
  const edited = editRequest(rules.requestHeaderModifier, asked)
  const url = rules.urlRewrite ? rewritten(rules.urlRewrite, edited, path) : edited
  const step = { ...edited, authority: url.authority, target: url.target }
  if (rules.requestRedirect) return redirectAnswer(rules.requestRedirect, step, path)
  const direct = rules.directResponse
  return direct ? { status: direct.status, headers: createHeaderList(), body: direct.body } : step
}
