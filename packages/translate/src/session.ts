// Requests of one client to one endpoint (Gateway API: SessionPersistence, GEP-1619, experimental). What a proxy cannot keep
// is refused: a session that outlives its time limit may be somebody else's.
import { createHash } from 'node:crypto'
import { durationMs, type SessionPersistence } from '@penstock/gateway-api'
import type { HttpFilter, HttpFilterCase, Session } from '@penstock/ir'
import type { Problem } from './problem.ts'

export interface TranslatedSession {
  readonly filters: readonly HttpFilter[]
  readonly problems: readonly Problem<'UnsupportedValue'>[]
}

/** `place`: `spec.rules[0]`. `owner` tells its cookie from all others where the user gives it no name. */
export function translateSession(
  declared: SessionPersistence | undefined,
  plane: ReadonlySet<HttpFilterCase>,
  { place, owner }: { readonly place: string; readonly owner: string },
): TranslatedSession {
  if (declared === undefined) return { filters: [], problems: [] }
  const carrier = plane.has('session') ? carrierOf(declared, owner) : ', which is not supported here'
  if (typeof carrier === 'string') {
    return {
      filters: [],
      problems: [{ reason: 'UnsupportedValue', message: `${place} sets sessionPersistence${carrier}.` }],
    }
  }
  return { filters: [{ filter: { $case: 'session', value: { carrier } } }], problems: [] }
}

/** Or words that go on after the name of the field. */
function carrierOf(declared: SessionPersistence, owner: string): NonNullable<Session['carrier']> | string {
  const { type, absoluteTimeout, cookie, header } = declared
  const limitMs = absoluteTimeout === undefined ? undefined : durationMs(absoluteTimeout)
  if (type === 'Header' && header) {
    if (limitMs !== undefined) return '.absoluteTimeout, which is supported for a cookie of lifetimeType Permanent only'
    return { $case: 'header', value: header.name.toLowerCase() }
  }
  if (type !== 'Cookie' || !cookie) return ` of the unknown type ${type}`
  const { name = nameFor(owner), path, lifetimeType } = cookie
  if (lifetimeType === 'Session') {
    if (limitMs !== undefined) return '.absoluteTimeout, which is supported for a cookie of lifetimeType Permanent only'
    return { $case: 'cookie', value: { name, path } }
  }
  if (limitMs === undefined)
    return ' with a cookie of lifetimeType Permanent but no absoluteTimeout, which is not supported'
  if (limitMs < 1_000) return '.absoluteTimeout of less than a second, which is not supported'
  return { $case: 'cookie', value: { name, path, lifetimeSeconds: Math.min(Math.floor(limitMs / 1_000), maxSeconds) } }
}

/** 136 years are as good as more. */
const maxSeconds = 2 ** 32 - 1

function nameFor(owner: string): string {
  return `session-${createHash('sha256').update(owner).digest('hex').slice(0, 16)}`
}
