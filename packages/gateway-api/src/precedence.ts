// Sort keys whose plain text order is the specification's precedence, so planes can sort without knowing it
// (Gateway API: HTTPRouteRule.matches, GRPCRouteRule.matches). A key is made from the object alone, never from its
// neighbours: an edit elsewhere cannot change it. The smaller key wins.

export interface PrecedenceOfMatch {
  readonly path?: { readonly type?: string | undefined; readonly value?: string | undefined } | undefined
  readonly method?: string | undefined
  readonly headers?: readonly { readonly name: string }[] | undefined
  readonly queryParams?: readonly { readonly name: string }[] | undefined
}

/**
 * Exact path > longest prefix > method > most headers > most query parameters. The place of a regular expression is the
 * implementation's to choose: between exact and prefix, longer first, so that it beats the catch-all it is carved from.
 */
export function matchPrecedence(match: PrecedenceOfMatch): string {
  const type = match.path?.type ?? 'PathPrefix'
  const value = match.path?.value ?? '/'
  return [
    pathClass[type] ?? unknownPathClass,
    type === 'Exact' ? '' : descending(type === 'PathPrefix' ? prefixLength(value) : value.length, 4),
    match.method === undefined ? '1' : '0',
    // Entries with a name that came before mean nothing (HTTPRouteMatch.headers, .queryParams), so they count for nothing.
    descending(new Set(match.headers?.map(({ name }) => name.toLowerCase())).size, 2),
    descending(new Set(match.queryParams?.map(({ name }) => name)).size, 2),
  ].join('.')
}

const pathClass: Readonly<Record<string, string>> = { Exact: '0', RegularExpression: '1', PathPrefix: '2' }
const unknownPathClass = '3'

export interface PrecedenceOfGrpcMatch {
  readonly method?:
    | {
        readonly type?: string | undefined
        readonly service?: string | undefined
        readonly method?: string | undefined
      }
    | undefined
  readonly headers?: readonly { readonly name: string }[] | undefined
}

/**
 * Characters in the matching service, then in the matching method, then most headers. All matches that a call meets
 * name its whole service, if they name one, so what counts is whether they do; likewise its method. The place of a
 * regular expression among equals is the implementation's to choose: after the text, longer first. It sorts before all
 * keys of `matchPrecedence`: gRPC calls are among the requests that an HTTPRoute takes, not the other way round.
 */
export function grpcMatchPrecedence({ method: called, headers }: PrecedenceOfGrpcMatch): string {
  const { type = 'Exact', service = '', method = '' } = called ?? {}
  return [
    '-',
    service === '' ? '1' : '0',
    method === '' ? '1' : '0',
    descending(new Set(headers?.map(({ name }) => name.toLowerCase())).size, 2),
    type === 'Exact' ? '0' : `1${descending(service.length + method.length, 4)}`,
  ].join('.')
}

/** Older first, then by the text `<namespace>/<name>`: the tie-break of every conflict between objects. */
export function agePrecedence(metadata: {
  readonly creationTimestamp: string
  readonly namespace?: string | undefined
  readonly name: string
}): string {
  return `${metadata.creationTimestamp} ${metadata.namespace ?? ''}/${metadata.name}`
}

/** Age and name of the route, then the rule's place in it. A blank sorts before whatever a longer name goes on with. */
export function rulePrecedence(metadata: Parameters<typeof agePrecedence>[0], position: number): string {
  return `${agePrecedence(metadata)} ${String(position).padStart(4, '0')}`
}

/** A trailing slash adds nothing to a prefix, except that there is no shorter one than "/". */
function prefixLength(path: string): number {
  return path.length > 1 && path.endsWith('/') ? path.length - 1 : path.length
}

function descending(count: number, digits: number): string {
  return String(10 ** digits - 1 - Math.min(count, 10 ** digits - 1)).padStart(digits, '0')
}
