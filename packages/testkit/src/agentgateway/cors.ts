// CORS as the proxy does it: it answers every OPTIONS request of an allowed origin itself, and a preflight request of any.

import { createHeaderList } from './header-list.ts'
import type { Cors } from './policy-tables.ts'
import type { Answer } from './proxy-fault.ts'
import type { Asked } from './route-choice.ts'

interface CorsOutcome {
  readonly answer?: Answer
  /** For the answer that comes from elsewhere. */
  readonly headers: readonly (readonly [string, string])[]
}

export function applyCors(cors: Cors, { method, headers }: Asked): CorsOutcome {
  const origin = headers.first('origin')
  if (origin === undefined) return { headers: [] }
  const isPreflight = method === 'OPTIONS' && (headers.first('access-control-request-method') ?? '') !== ''
  if (!allows(cors.allowOrigins, origin)) return isPreflight ? { answer: answered([]), headers: [] } : { headers: [] }
  const allowed: [string, string][] = [['access-control-allow-origin', origin]]
  if (cors.allowCredentials) allowed.push(['access-control-allow-credentials', 'true'])
  const exposed = listed(cors.exposeHeaders)
  if (exposed !== undefined) allowed.push(['access-control-expose-headers', exposed])
  if (method !== 'OPTIONS') return { headers: allowed }
  const wanted = (name: string): string | undefined => {
    const entries = (headers.first(name) ?? '').split(',').map((entry) => entry.trim())
    return entries.filter(Boolean).join(', ') || (cors.allowCredentials ? undefined : '*')
  }
  const of = (list: readonly string[], name: string): string | undefined =>
    list.includes('*') ? wanted(name) : listed(list)
  const methods = of(cors.allowMethods, 'access-control-request-method')
  const names = of(cors.allowHeaders, 'access-control-request-headers')
  if (methods !== undefined) allowed.push(['access-control-allow-methods', methods])
  if (names !== undefined) allowed.push(['access-control-allow-headers', names])
  if (cors.maxAge !== undefined) allowed.push(['access-control-max-age', String(cors.maxAge.seconds)])
  return { answer: answered(allowed), headers: [] }
}

const answered = (headers: readonly (readonly [string, string])[]): Answer => ({
  ...{ status: 200, headers: createHeaderList(headers), body: new Uint8Array() },
})

const listed = (list: readonly string[]): string | undefined =>
  list.includes('*') ? '*' : list.length === 0 ? undefined : list.join(',')

function allows(origins: readonly string[], origin: string): boolean {
  if (origins.includes('*')) return true
  const asked = parse(origin)
  if (asked === undefined || asked.host.includes('*')) return false
  return origins.some((allowed) => {
    const one = parse(allowed)
    return one !== undefined && one.scheme === asked.scheme && one.port === asked.port && covers(one.host, asked.host)
  })
}

function parse(origin: string): { scheme: string; host: string; port: number } | undefined {
  const [, scheme = '', host = '', port] = /^(https?):\/\/([^/?#:]+)(?::(\d+))?$/i.exec(origin) ?? []
  if (host === '') return undefined
  const known = scheme.toLowerCase()
  return { scheme: known, host: host.toLowerCase(), port: Number(port ?? (known === 'https' ? 443 : 80)) }
}

/** A `*` anywhere in the pattern stands for any text. */
function covers(pattern: string, host: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${source}$`).test(host)
}
