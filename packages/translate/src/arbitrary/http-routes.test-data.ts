// Arbitrary HTTPRoutes, with every match, filter, timeout and weight of the specification.
import fc from 'fast-check'
import { documents, fields, hostname, listOf, maybe, mostly } from './document.test-data.ts'

const parentRef = fields({
  name: mostly('gw', 'old', 'more', 'none'),
  namespace: mostly<string | undefined>('a', 'b', undefined),
  sectionName: mostly<string | undefined>(undefined, 'one', 'two', 'four'),
  port: mostly<number | undefined>(undefined, 80, 443),
  kind: mostly<string | undefined>(undefined, 'ListenerSet', 'Service'),
})

export const headers = fc.constantFrom<object>(
  { set: [{ name: 'A', value: '1' }] },
  { set: [{ name: 'A', value: '1' }], remove: ['a'] },
  { add: [{ name: 'B', value: '2' }], remove: ['C', 'D'] },
  { set: [{ name: 'Host', value: 'b.com' }], remove: [':path'] },
  { add: [{ name: 'X', value: 'y, z' }], set: [{ name: 'x', value: 'z' }] },
)
const fullPath = { type: 'ReplaceFullPath', replaceFullPath: '/full' }
const prefixPath = { type: 'ReplacePrefixMatch', replacePrefixMatch: '/p' }
const brokenPath = { type: 'ReplaceFullPath', replaceFullPath: '/a\nb' }
const redirect = (path: object) =>
  fields({
    scheme: maybe(fc.constantFrom('http', 'https')),
    hostname: maybe(fc.constantFrom('b.com', 'c.com')),
    port: maybe(fc.constantFrom(80, 443, 8443)),
    statusCode: maybe(fc.constantFrom(301, 302, 303, 307, 308)),
    path: maybe(fc.constantFrom(path, fullPath, brokenPath)),
  })
const rewrite = (path: object) =>
  fields({ hostname: maybe(fc.constant('b.com')), path: maybe(fc.constantFrom(path, fullPath, brokenPath)) })
export const filterOf = (type: string, field: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<object> =>
  value.map((payload) => ({ type, [field]: payload }))

/** Where requests go, or copies of them. */
const target = {
  name: mostly('v1', 'v2', 'none'),
  namespace: mostly<string | undefined>(undefined, 'a', 'b'),
  kind: mostly<string | undefined>(undefined, 'Service', 'Bucket'),
  group: mostly<string | undefined>(undefined, 'example.com'),
  port: mostly(80, 81, 82, 83),
}
const mirror = fc
  .tuple(fields(target), fc.constantFrom({}, { percent: 20 }, { fraction: { numerator: 1, denominator: 3 } }))
  .map(([backendRef, share]) => ({ backendRef, ...share }))
export const repeatable = fc.oneof(
  { weight: 3, arbitrary: filterOf('RequestMirror', 'requestMirror', mirror) },
  {
    weight: 1,
    arbitrary: filterOf('ExtensionRef', 'extensionRef', fc.constant({ group: 'example.com', kind: 'Auth', name: 'x' })),
  },
)
const cors = fc.constantFrom<object>(
  { allowOrigins: ['https://a.com'] },
  { allowOrigins: ['*'], allowMethods: ['*'], allowHeaders: ['*'], exposeHeaders: ['*', 'X'], allowCredentials: true },
  { allowOrigins: ['https://*.A.com:444', 'http://*'], exposeHeaders: ['*'], maxAge: 60 },
)
/** Each at most once in a rule; a redirect and a rewrite never together. */
const once = (path: object) =>
  fc.record({
    requestHeaders: maybe(filterOf('RequestHeaderModifier', 'requestHeaderModifier', headers)),
    responseHeaders: maybe(filterOf('ResponseHeaderModifier', 'responseHeaderModifier', headers)),
    path: maybe(
      fc.oneof(
        filterOf('RequestRedirect', 'requestRedirect', redirect(path)),
        filterOf('URLRewrite', 'urlRewrite', rewrite(path)),
      ),
    ),
    cors: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: filterOf('CORS', 'cors', cors) },
    ),
    repeated: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: listOf(repeatable, 1, 2) }),
  })

/** In any order. */
const filters = (path: object): fc.Arbitrary<object[]> =>
  fc.tuple(once(path), fc.boolean()).map(([{ repeated, ...single }, isReversed]) => {
    const all = [...Object.values(single).filter((filter) => filter !== undefined), ...repeated]
    return isReversed ? all.reverse() : all
  })

const weight = mostly<number | undefined>(undefined, 0, 3)
const backendRef = (path: object) =>
  fields({
    ...target,
    weight,
    filters: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: filters(path) }),
  })

const value = fc.constantFrom(
  { value: '1' },
  { type: 'Exact', value: 'two' },
  { type: 'RegularExpression', value: '[0-9]+' },
  { type: 'RegularExpression', value: '(' },
)
export const named = (...names: string[]) =>
  fc.uniqueArray(
    fc.tuple(fc.constantFrom(...names), value).map(([name, rest]) => ({ name, ...rest })),
    { minLength: 1, maxLength: 2, selector: ({ name }) => name },
  )
const pathMatch = (onlyPrefix: boolean): fc.Arbitrary<object> =>
  onlyPrefix
    ? fc.constantFrom({ type: 'PathPrefix', value: '/a' }, { value: '/a/' })
    : fc.constantFrom(
        { value: '/' },
        { type: 'PathPrefix', value: '/a' },
        { type: 'Exact', value: '/b' },
        { type: 'RegularExpression', value: '/c[0-9]' },
        { type: 'RegularExpression', value: '/c[' },
      )
const match = (onlyPrefix: boolean) =>
  fields({
    path: onlyPrefix ? pathMatch(true) : maybe(pathMatch(false)),
    method: mostly<string | undefined>(undefined, 'GET', 'POST'),
    // Two names that differ in case are one name.
    headers: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, named('X', 'x', 'Y')),
    queryParams: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, named('q', 'r')),
  })

/** A timeout of a backend is no longer than the whole. */
const timeouts = fc.constantFrom<object | undefined>(
  undefined,
  undefined,
  { request: '1s' },
  { request: '10s', backendRequest: '500ms' },
  { backendRequest: '2h' },
  { request: '0s', backendRequest: '0s' },
)

/** Only a rule with nothing but one prefix may replace that prefix. */
const rule = fc.boolean().chain((onlyPrefix) => {
  const path = onlyPrefix ? prefixPath : fullPath
  return fc
    .record({
      matches: onlyPrefix ? match(true).map((one) => [one]) : maybe(listOf(match(false), 0, 2)),
      filters: fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: filters(path) }),
      backendRefs: maybe(listOf(backendRef(path), 1, 2)),
      timeouts,
      name: mostly<string | undefined>(undefined, 'first', 'second'),
      retry: fc.constantFrom<object | undefined>(
        undefined,
        undefined,
        {},
        { attempts: 0, codes: [500] },
        { attempts: 5e9 },
        { attempts: 3, codes: [503, 500], backoff: '100ms' },
      ),
      sessionPersistence: mostly<object | undefined>(
        undefined,
        { type: 'Cookie', cookie: { name: 's' } },
        { type: 'Header', header: { name: 'x-s' }, absoluteTimeout: '1h' },
      ),
    })
    .map(withoutContradiction)
})

interface DrawnRule {
  readonly filters: readonly object[] | undefined
  readonly backendRefs: readonly object[] | undefined
}

/** Admission wants no backends beside a redirect. */
function withoutContradiction(drawn: DrawnRule): object {
  const redirects = drawn.filters?.some((filter) => 'requestRedirect' in filter) ?? false
  const kept = redirects ? { ...drawn, backendRefs: undefined } : drawn
  return Object.fromEntries(Object.entries(kept).filter(([, field]) => field !== undefined))
}

const rules = listOf(rule, 1, 3).map((drawn) => {
  const names = new Set<unknown>()
  return drawn.map((one) => {
    const { name, ...nameless } = one as { readonly name?: string }
    if (name === undefined || names.has(name)) return nameless
    names.add(name)
    return one
  })
})

export const parentRefs = fc.uniqueArray(parentRef, {
  minLength: 1,
  maxLength: 2,
  selector: (ref) => `${(ref as { name: string }).name} ${(ref as { namespace?: string }).namespace}`,
})

export const httpRoutes = documents(
  'HTTPRoute',
  ['web', 'api', 'old'],
  fields({ spec: fields({ parentRefs, hostnames: maybe(listOf(hostname, 0, 2)), rules }) }),
)
