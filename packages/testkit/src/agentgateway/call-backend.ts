// A request on its way to a backend: again where that may help, copied where that is asked for, and never too late.
import type { PathMatch } from './accept-match.ts'
import type { Target } from './accept-reference.ts'
import type { Mirror, Retries } from './accept-rule.ts'
import type { AddressStore } from './address-store.ts'
import type { BindStore } from './bind-store.ts'
import type { EndpointChoice } from './endpoint-choice.ts'
import { editRequest } from './header-list.ts'
import type { HeaderModifier } from './policy-tables.ts'
import { type Answer, isGrpc, ProxyFault } from './proxy-fault.ts'
import type { Asked } from './route-choice.ts'
import { type BackendRules, backendRules, type TrafficRules } from './rules-in-force.ts'
import { callUpstream } from './upstream.ts'
import { redirectAnswer } from './url-edit.ts'

export interface Surroundings {
  readonly store: BindStore
  readonly addresses: AddressStore
  readonly endpoints: EndpointChoice
  /** From 0 to 1, drawn for weights and shares. */
  readonly random: () => number
}

/** Filled as the request gets to the rules; what is there is done to whatever answers it. */
export interface ForAnswer {
  route?: HeaderModifier | undefined
  backend?: HeaderModifier | undefined
  headers: readonly (readonly [string, string])[]
}

export interface Outgoing {
  /** How the client came. */
  readonly client: { readonly isTls: boolean; readonly version: 1 | 2; readonly upgrade: string | undefined }
  readonly asked: Asked
  readonly body: Uint8Array
  readonly target: Target
  /** What the route matched. */
  readonly path: PathMatch
  readonly rules: BackendRules
  readonly later: ForAnswer
  /** A backend that is a hostname does not get its own. */
  readonly keepsHost: boolean
}

/** A larger one is not kept for a second try. */
const keptBytes = 64 * 1024

/** A copy without the body; what is answered goes nowhere. */
export function mirrorRequest(mirrors: readonly Mirror[], outgoing: Outgoing, around: Surroundings): void {
  for (const { target, share } of mirrors) {
    if (around.random() >= share) continue
    const headers = outgoing.asked.headers.copy()
    headers.remove('content-length')
    const client = { ...outgoing.client, upgrade: undefined }
    const asked = { ...outgoing.asked, headers }
    const copy = { ...outgoing, client, asked, body: new Uint8Array(), later: { headers: [] } }
    callBackend({ ...copy, target, rules: backendRules(around.store, target, []) }, around, undefined).catch(() => {})
  }
}

export async function tryBackend(
  outgoing: Outgoing,
  around: Surroundings,
  { retry, timeout }: TrafficRules,
  deadlineMs: number | undefined,
): Promise<Answer> {
  const retries = retry && outgoing.body.length <= keptBytes ? retry.attempts : 0
  for (let tried = 0; ; tried += 1) {
    const headers = outgoing.asked.headers.copy()
    if (tried > 0) headers.set('x-retry-attempt', String(tried))
    const attempt = callBackend(
      { ...outgoing, asked: { ...outgoing.asked, headers } },
      around,
      timeout?.backendRequestMs,
    )
    const result = await attempt.catch((error: unknown) => {
      if (error instanceof ProxyFault) return error
      throw error
    })
    const isOver = deadlineMs !== undefined && performance.now() >= deadlineMs
    if (retry && tried < retries && !isOver && mayHelp(retry, result)) {
      await new Promise((resolve) => setTimeout(resolve, retry.backoffMs))
      continue
    }
    if (result instanceof ProxyFault) throw result
    return result
  }
}

const mayHelp = ({ codes }: Retries, result: Answer | ProxyFault): boolean =>
  result instanceof ProxyFault ? result.isRetryable : codes.includes(result.status)

async function callBackend(outgoing: Outgoing, around: Surroundings, timeoutMs: number | undefined): Promise<Answer> {
  const { client, asked, body, rules, later, path } = outgoing
  const { version, learn, authority, host, port } = placeOf(outgoing, around)
  later.backend = rules.responseHeaderModifier
  const edited = editRequest(rules.requestHeaderModifier, { ...asked, authority: authority ?? asked.authority })
  if (rules.requestRedirect) return redirectAnswer(rules.requestRedirect, edited, path)
  // What came over TLS says nothing of what the backend speaks.
  const assumed = client.isTls ? (isGrpc(edited.headers) ? 2 : 1) : undefined
  try {
    const answer = await callUpstream({
      ...{ host, port, tls: rules.backendTls, version: rules.http?.version ?? version ?? assumed, body },
      ...{ method: asked.method, authority: edited.authority, target: asked.target, headers: edited.headers },
      ...{ timeoutMs: rules.http?.requestMs ?? timeoutMs, fallbackVersion: client.version, upgrade: client.upgrade },
    })
    learn(answer.status < 500)
    return answer
  } catch (error) {
    learn(false)
    throw error
  }
}

interface Place {
  readonly host: string
  readonly port: number
  readonly version?: 1 | 2 | undefined
  /** In place of the request's: a backend that is a hostname wants its own. */
  readonly authority?: string
  learn(wentWell: boolean): void
}

function placeOf({ target, keepsHost }: Outgoing, { addresses, endpoints, store }: Surroundings): Place {
  if (target.is === 'service') {
    const service = addresses.services.get(target.service)
    if (service === undefined) throw new ProxyFault(500, 'service not found')
    const { uid, host, port } = endpoints.choose(service, target.port)
    const learn = (wentWell: boolean): void => endpoints.learn(uid, wentWell)
    return { host, port, version: service.versions.get(target.port), learn }
  }
  const backend = target.is === 'backend' ? store.backends.get(target.key) : undefined
  if (backend?.is !== 'address') throw new ProxyFault(500, 'backend does not exist')
  const isName = !keepsHost && !/^[\d.]+$|:/.test(backend.host)
  return { host: backend.host, port: backend.port, ...(isName && { authority: backend.host }), learn: () => {} }
}

export async function within(deadlineMs: number, answer: Promise<Answer>): Promise<Answer> {
  answer.catch(() => {})
  const left = Math.max(0, deadlineMs - performance.now())
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ProxyFault(504, 'request timeout')), left)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}
