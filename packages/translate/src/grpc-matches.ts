// The matches of a GRPCRoute's rule (Gateway API: GRPCRouteMatch). A method is called by the path /<service>/<method>.
import {
  type GrpcMethodMatch,
  type GrpcRouteMatch,
  type GrpcRouteRule,
  grpcMatchPrecedence,
  regexMistake,
} from '@penstock/gateway-api'
import type { HttpMatch } from '@penstock/ir'
import { mistakeIn, mistakesInList, translateHeaders } from './match-values.ts'
import { type TranslatedMatches, translateMatches } from './matches.ts'

export function translateGrpcMatches({ matches = [] }: GrpcRouteRule, place: string): TranslatedMatches {
  const declared = matches.length > 0 ? matches : [everyCall]
  return translateMatches(declared, place, { translate: translateMatch, mistakesIn })
}

/** What an absent match means. */
const everyCall: GrpcRouteMatch = {}

function translateMatch(match: GrpcRouteMatch): HttpMatch {
  return {
    precedence: grpcMatchPrecedence(match),
    path: pathOf(match.method),
    method: '',
    headers: translateHeaders(match.headers),
    query: [],
    grpc: true,
  }
}

/** An empty service or method is one that the match leaves open. */
function pathOf(called: GrpcMethodMatch | undefined): HttpMatch['path'] {
  const { type = 'Exact', service = '', method = '' } = called ?? {}
  if (service === '' && method === '') return { $case: 'prefix', value: '/' }
  if (type === 'Exact' && service !== '') {
    return method === ''
      ? { $case: 'prefix', value: `/${service}` }
      : { $case: 'exact', value: `/${service}/${method}` }
  }
  return { $case: 'regex', value: `/${segment(service)}/${segment(method)}` }
}

/** The whole segment has to match; the anchors that people write all the same would stand in the middle of the path. */
function segment(expression: string): string {
  return expression === '' ? '[^/]+' : `(?:${withoutAnchors(expression)})`
}

/** What is escaped, and what stands in brackets, is no anchor; how often one is wanted makes no difference. */
function withoutAnchors(expression: string): string {
  const parts = /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[$^](?:[*+?]|\{[0-9,]+\})*/gs
  return expression.replace(parts, (part) => (/^[$^]/.test(part) ? '' : part))
}

/** Each goes on after the place of the match. */
function mistakesIn({ method, headers = [] }: GrpcRouteMatch): readonly string[] {
  const { type = 'Exact', ...names } = method ?? {}
  const ofMethod = Object.entries(names).flatMap(([field, value]) => {
    const mistake = mistakeIn({ type, value })
    return mistake === undefined ? [] : [`method.${field}${mistake}`]
  })
  const whole = ofMethod.length === 0 ? mistakeInPath(pathOf(method)) : undefined
  return [...ofMethod, ...(whole === undefined ? [] : [whole]), ...mistakesInList('headers', headers)]
}

/** Each may be an expression by itself and the two no path together, as after a quotation that does not end. */
function mistakeInPath(path: HttpMatch['path']): string | undefined {
  const mistake = path?.$case === 'regex' ? regexMistake(path.value) : undefined
  return mistake && `method makes the path "${path?.value}", which is no RE2 expression: ${mistake}`
}
