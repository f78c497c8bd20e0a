// Which rule takes a request: hostname first, then the better match, then the smaller key.
import type { Match, PathMatch } from './accept-match.ts'
import type { Route } from './accept-route.ts'
import type { HeaderList } from './header-list.ts'
import { hostnamesFor } from './hostname-ranks.ts'

export interface Asked {
  readonly method: string
  /** Without a port. */
  readonly host: string
  readonly authority: string
  readonly scheme: string
  /** With its query. */
  readonly target: string
  readonly headers: HeaderList
}

export interface Chosen {
  readonly route: Route
  readonly path: PathMatch
}

export function chooseRoute(routes: readonly Route[], asked: Asked): Chosen | undefined {
  for (const hostname of hostnamesFor(asked.host)) {
    const here = routes.filter(({ hostnames }) =>
      hostname === '' ? hostnames.length === 0 : hostnames.includes(hostname),
    )
    const [best] = here
      .flatMap((route) => route.matches.filter((match) => meets(match, asked)).map((match) => ({ route, match })))
      .toSorted((a, b) => better(a.match, b.match) || order(a.route.key, b.route.key))
    if (best) return { route: best.route, path: best.match.path }
  }
  return undefined
}

/** Below zero: `a` wins. A regular expression ranks with the prefixes, by its length. */
function better(a: Match, b: Match): number {
  return (
    pathRank(b.path) - pathRank(a.path) ||
    pathLength(b.path) - pathLength(a.path) ||
    Number(b.method !== undefined) - Number(a.method !== undefined) ||
    b.headers.length - a.headers.length ||
    b.query.length - a.query.length
  )
}

const pathRank = ({ is }: PathMatch): number => ({ exact: 3, prefix: 2, regex: 2, never: 0 })[is]

const pathLength = (match: PathMatch): number => (match.is === 'never' ? 0 : Buffer.byteLength(match.path))

/** By bytes. */
const order = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

export const splitTarget = (target: string): readonly [path: string, query: string | undefined] => {
  const at = target.indexOf('?')
  return at < 0 ? [target, undefined] : [target.slice(0, at), target.slice(at + 1)]
}

function meets({ path, method, headers, query }: Match, asked: Asked): boolean {
  const [at, told = ''] = splitTarget(asked.target)
  // Of a parameter given twice the last one counts.
  const parameters = new Map(new URLSearchParams(told))
  return (
    meetsPath(path, at) &&
    (method === undefined || method === asked.method) &&
    headers.every(({ name, matches }) => valuesOf(asked, name).some(matches)) &&
    query.every(({ name, matches }) => {
      const value = parameters.get(name)
      return value !== undefined && matches(value)
    })
  )
}

function meetsPath(match: PathMatch, path: string): boolean {
  switch (match.is) {
    case 'exact':
      return path === match.path
    case 'regex':
      return match.matches(path)
    case 'prefix': {
      const prefix = match.path.replace(/\/+$/, '')
      const rest = path.replace(/\/+$/, '')
      return rest === prefix || rest.startsWith(`${prefix}/`)
    }
    default:
      return false
  }
}

function valuesOf({ headers, ...asked }: Asked, name: string): readonly string[] {
  switch (name) {
    case ':method':
      return [asked.method]
    case ':scheme':
      return [asked.scheme]
    case ':authority':
      return [asked.authority]
    case ':path':
      return [asked.target]
    default:
      return headers.all(name)
  }
}
