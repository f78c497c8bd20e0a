// HttpMatch in Envoy's words. The tables are keyed by the union's cases: a new case does not compile without an entry.
import type { HeaderMatch, HttpMatch, QueryMatch } from '@penstock/ir'
import type { HeaderMatcher, QueryParameterMatcher, RouteMatch } from './gen/envoy/config/route/v3/route_components.ts'
import type { StringMatcher } from './gen/envoy/type/matcher/v3/string.ts'

type PathCase = NonNullable<HttpMatch['path']>['$case']
type ValueCase = NonNullable<HeaderMatch['value']>['$case']

const paths: { readonly [C in PathCase]: (value: string) => NonNullable<RouteMatch['pathSpecifier']> } = {
  exact: (value) => ({ $case: 'path', value }),
  // Envoy's match by path element wants a prefix without a slash at its end.
  prefix: (value) => (value === '/' ? { $case: 'prefix', value } : { $case: 'pathSeparatedPrefix', value }),
  regex: (value) => ({ $case: 'safeRegex', value: { regex: value } }),
}

const values: { readonly [C in ValueCase]: (value: string) => StringMatcher } = {
  exact: (value) => ({ matchPattern: { $case: 'exact', value } }),
  regex: (value) => ({ matchPattern: { $case: 'safeRegex', value: { regex: value } } }),
}

export function emitMatch(match: HttpMatch): RouteMatch {
  const { path } = match
  if (path === undefined) throw new Error('a match without a path: of a newer schema')
  return {
    pathSpecifier: paths[path.$case](path.value),
    headers: [...(match.method === '' ? [] : [exactHeader(':method', match.method)]), ...match.headers.map(emitHeader)],
    queryParameters: match.query.map(emitQuery),
    ...(match.grpc ? { grpc: {} } : {}),
  }
}

function emitHeader({ name, value }: HeaderMatch): HeaderMatcher {
  return { name, headerMatchSpecifier: { $case: 'stringMatch', value: emitValue(value) } }
}

function emitQuery({ name, value }: QueryMatch): QueryParameterMatcher {
  return { name, queryParameterMatchSpecifier: { $case: 'stringMatch', value: emitValue(value) } }
}

function emitValue(value: HeaderMatch['value']): StringMatcher {
  if (value === undefined) throw new Error('a match without a value: of a newer schema')
  return values[value.$case](value.value)
}

const exactHeader = (name: string, value: string): HeaderMatcher => ({
  name,
  headerMatchSpecifier: { $case: 'stringMatch', value: values.exact(value) },
})
