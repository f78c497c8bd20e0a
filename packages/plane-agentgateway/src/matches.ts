// HttpMatch in agentgateway's words. The tables are keyed by the union's cases: a new case does not compile without an entry.
import type { HttpMatch } from '@penstock/ir'
import type { HeaderMatch, PathMatch, RouteMatch } from './gen/agentgateway/route.ts'
import { wholeMatch } from './whole-match.ts'

type PathCase = NonNullable<HttpMatch['path']>['$case']
type ValueCase = NonNullable<HttpMatch['headers'][number]['value']>['$case']

const paths: { readonly [C in PathCase]: (value: string) => NonNullable<PathMatch['kind']> } = {
  exact: (value) => ({ $case: 'exact', value }),
  prefix: (value) => ({ $case: 'pathPrefix', value }),
  regex: (value) => ({ $case: 'regex', value: wholeMatch(value) }),
}

const values: { readonly [C in ValueCase]: (value: string) => NonNullable<HeaderMatch['value']> } = {
  exact: (value) => ({ $case: 'exact', value }),
  regex: (value) => ({ $case: 'regex', value: wholeMatch(value) }),
}

export function emitMatch({ path, method, headers, query, grpc }: HttpMatch): RouteMatch {
  if (path === undefined) throw new Error('a match without a path: of a newer schema')
  const ofAnyService = grpc && path.$case === 'regex' && path.value.startsWith(anyService)
  const called = ofAnyService ? callOfAnyService(path.value) : { path: { kind: paths[path.$case](path.value) } }
  return {
    ...(method === '' ? {} : { method: { exact: method } }),
    ...called,
    headers: [...headers.map(emitHeader), ...(grpc ? [isGrpc] : []), ...(called.headers ?? [])],
    queryParams: query.map(emitValue),
  }
}

/** How a path begins that names a method and no service. */
const anyService = '/[^/]+/'

/**
 * A call of a method, whatever its service, ranks after those that name one and before all others, however many headers
 * these have (Gateway API, GRPCRouteRule.matches). The proxy ranks a regular expression by its length among the prefixes, so
 * this one stands beside the shortest prefix; and it has a method of HTTP, which ranks before headers.
 */
const callOfAnyService = (path: string): RouteMatch => ({
  path: { kind: { $case: 'pathPrefix', value: '/' } },
  method: { exact: 'POST' },
  headers: [{ name: ':path', value: { $case: 'regex', value: wholeMatch(path) } }],
})

/** The proxy keeps what came as Host apart from the headers. */
function emitHeader(header: HttpMatch['headers'][number]): HeaderMatch {
  return emitValue(header.name.toLowerCase() === 'host' ? { ...header, name: ':authority' } : header)
}

function emitValue({ name, value }: HttpMatch['headers'][number]): HeaderMatch {
  if (value === undefined) throw new Error('a match without a value: of a newer schema')
  return { name, value: values[value.$case](value.value) }
}

/** The proxy has no match for gRPC as such. All matches of GRPCRoutes have this header, so it ranks none above another. */
const isGrpc: HeaderMatch = {
  name: 'content-type',
  value: { $case: 'regex', value: 'application/grpc(\\+.*)?' },
}
