// The filters of a rule or of one of its backends (Gateway API: HTTPRouteFilter), one entry for every type of v1.7.0: an
// entry is a function, or why there is none. A filter that cannot work is never skipped: its rule answers 500.
import type {
  BackendObjectReference,
  HttpRouteFilter,
  PathModifier,
  RequestMirror,
  RequestRedirect,
  UrlRewrite,
} from '@penstock/gateway-api'
import type { HttpFilter, HttpFilterCase, PathEdit } from '@penstock/ir'
import { type BackendProblem, type BackendReads, type RulePlace, resolveBackend } from './backend-target.ts'
import { translateCors } from './cors.ts'
import { translateRequestEdit, translateResponseEdit } from './header-edit.ts'
import type { Problem } from './problem.ts'

type IrFilter = NonNullable<HttpFilter['filter']>
type ValueOf<C extends HttpFilterCase> = Extract<IrFilter, { $case: C }>['value']
/** Words that go on after the place of the filter. */
type Mistake = string
/** The key of the backend record, or why there is none. */
type Resolve = (ref: BackendObjectReference) => string | BackendProblem

interface Entry {
  readonly makes: HttpFilterCase
  readonly translate: (filter: HttpRouteFilter, resolve: Resolve) => IrFilter | Mistake | BackendProblem
}

const unsupported = 'unsupported'

const table: { readonly [T in HttpRouteFilter['type']]: Entry | typeof unsupported } = {
  RequestHeaderModifier: entry('requestHeaders', 'requestHeaderModifier', translateRequestEdit),
  ResponseHeaderModifier: entry('responseHeaders', 'responseHeaderModifier', translateResponseEdit),
  RequestRedirect: entry('redirect', 'requestRedirect', translateRedirect),
  URLRewrite: entry('urlRewrite', 'urlRewrite', translateRewrite),
  RequestMirror: entry('mirror', 'requestMirror', translateMirror),
  CORS: entry('cors', 'cors', translateCors),
  ExternalAuth: unsupported,
  ExtensionRef: unsupported,
}

export interface TranslatedFilters {
  readonly filters: HttpFilter[]
  readonly problems: readonly Problem<'UnsupportedValue'>[]
  /** A filter whose backend is not there is left out. */
  readonly unresolved: readonly BackendProblem[]
}

/** `plane`: the cases that it has at this place. */
export function translateFilters(
  declared: readonly HttpRouteFilter[] | undefined,
  plane: ReadonlySet<HttpFilterCase>,
  rule: Pick<RulePlace, 'namespace' | 'place' | 'syntax'>,
  reads: BackendReads,
): TranslatedFilters {
  const filters: HttpFilter[] = []
  const problems: Problem<'UnsupportedValue'>[] = []
  const unresolved: BackendProblem[] = []
  declared?.forEach((filter, at) => {
    const place = `${rule.place}.filters[${at}]`
    const result = translateFilter(filter, plane, (ref) => resolveBackend(ref, { ...rule, place }, reads))
    if (typeof result === 'string') problems.push({ reason: 'UnsupportedValue', message: `${place}${result}.` })
    else if ('reason' in result) unresolved.push(result)
    else filters.push({ filter: result })
  })
  return { filters, problems, unresolved }
}

function translateFilter(
  filter: HttpRouteFilter,
  plane: ReadonlySet<HttpFilterCase>,
  resolve: Resolve,
): ReturnType<Entry['translate']> {
  // A newer release may have types that are not in the table.
  const found: Entry | typeof unsupported | undefined = table[filter.type]
  if (found === undefined || found === unsupported || !plane.has(found.makes)) {
    return ` asks for ${filter.type}, which is not supported here`
  }
  return found.translate(filter, resolve)
}

/** Joins the case of the IR, the field that holds the filter's settings, and what turns the one into the other. */
function entry<C extends HttpFilterCase, F extends keyof HttpRouteFilter>(
  makes: C,
  field: F,
  translate: (payload: NonNullable<HttpRouteFilter[F]>, resolve: Resolve) => ValueOf<C> | Mistake | BackendProblem,
): Entry {
  return {
    makes,
    translate(filter, resolve) {
      const payload = filter[field]
      if (payload === undefined) return ` is of type ${filter.type} but has no ${field}`
      const value = translate(payload, resolve)
      if (typeof value === 'string' || isProblem(value)) return value
      return { $case: makes, value } as IrFilter
    },
  }
}

const isProblem = (value: object | number): value is BackendProblem => typeof value === 'object' && 'reason' in value

/** Without a port the scheme's own counts, without a scheme the listener's (HTTPRequestRedirectFilter.port). */
function translateRedirect(redirect: RequestRedirect): ValueOf<'redirect'> | Mistake {
  const { scheme = '', hostname = '', port, statusCode: status } = redirect
  if (scheme !== '' && wellKnownPort[scheme] === undefined) return ` redirects to the unknown scheme ${scheme}`
  if (!redirectStatuses.has(status)) return ` redirects with the status ${status}, which is not supported`
  const path = translatePath(redirect.path)
  if (typeof path === 'string') return path
  return { scheme, hostname: hostname.toLowerCase(), port: port ?? wellKnownPort[scheme] ?? 0, path, status }
}

function translateRewrite({ hostname = '', path: declared }: UrlRewrite): ValueOf<'urlRewrite'> | Mistake {
  const path = translatePath(declared)
  return typeof path === 'string' ? path : { hostname: hostname.toLowerCase(), path }
}

/** Without a percentage or a fraction every request is mirrored (HTTPRequestMirrorFilter). */
function translateMirror(
  { backendRef, percent, fraction }: RequestMirror,
  resolve: Resolve,
): ValueOf<'mirror'> | BackendProblem {
  const backend = resolve(backendRef)
  if (typeof backend !== 'string') return backend
  const { numerator, denominator } = fraction ?? { numerator: percent ?? 100, denominator: 100 }
  return { backend, numerator, denominator }
}

function translatePath(path: PathModifier | undefined): PathEdit | undefined | Mistake {
  switch (path?.type) {
    case undefined:
      return undefined
    case 'ReplaceFullPath':
      return translatePathText('replaceFull', path.replaceFullPath ?? '/')
    case 'ReplacePrefixMatch':
      return translatePathText('replacePrefix', path.replacePrefixMatch ?? '')
    default:
      return ' changes the path in an unknown way'
  }
}

/** Anything else has to be percent-encoded to stand in a request or in a Location header (RFC 3986, 2.1). */
function translatePathText($case: 'replaceFull' | 'replacePrefix', value: string): PathEdit | Mistake {
  if (/^[!-~]*$/.test(value)) return { edit: { $case, value } }
  return ` changes the path to ${JSON.stringify(value)}, which no URL can hold as it is`
}

const wellKnownPort: Readonly<Record<string, number>> = { http: 80, https: 443 }
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
