// The matches of a rule (Gateway API: HTTPRouteMatch). Of entries with the same name the first counts.
import { type HttpRouteMatch, type HttpRouteRule, matchPrecedence } from '@penstock/gateway-api'
import type { HttpMatch } from '@penstock/ir'
import { firstOf, mistakeIn, mistakesInList, translateHeaders, valueOf } from './match-values.ts'
import type { Problem } from './problem.ts'

export interface TranslatedMatches {
  readonly matches: HttpMatch[]
  /** A match with a problem matches nothing, and the rule is invalid. */
  readonly problems: readonly Problem<'UnsupportedValue'>[]
}

/** How matches of one kind of route are read. */
interface MatchSyntax<M> {
  readonly translate: (match: M) => HttpMatch
  /** Each goes on after the place of the match. */
  readonly mistakesIn: (match: M) => readonly string[]
}

/** `place`: where the rule stands, such as `spec.rules[0]`. */
export function translateMatches<M>(
  declared: readonly M[],
  place: string,
  { translate, mistakesIn }: MatchSyntax<M>,
): TranslatedMatches {
  const matches: HttpMatch[] = []
  const problems: Problem<'UnsupportedValue'>[] = []
  declared.forEach((match, at) => {
    const mistakes = mistakesIn(match)
    if (mistakes.length === 0) matches.push(translate(match))
    for (const mistake of mistakes) {
      problems.push({ reason: 'UnsupportedValue', message: `${place}.matches[${at}].${mistake}.` })
    }
  })
  return { matches, problems }
}

export function translateHttpMatches(rule: HttpRouteRule, place: string): TranslatedMatches {
  const declared = rule.matches.length > 0 ? rule.matches : [everyRequest]
  return translateMatches(declared, place, { translate: translateMatch, mistakesIn })
}

/** What an absent match means. */
const everyRequest: HttpRouteMatch = { path: { type: 'PathPrefix', value: '/' } }

function translateMatch(match: HttpRouteMatch): HttpMatch {
  const { path, method = '', headers, queryParams = [] } = match
  return {
    precedence: matchPrecedence(match),
    path: pathCases[path.type]?.(path.value),
    method,
    headers: translateHeaders(headers),
    query: firstOf(queryParams, ({ name }) => name).map((param) => ({ name: param.name, value: valueOf(param) })),
    grpc: false,
  }
}

const pathCases: Readonly<Record<string, (value: string) => HttpMatch['path']>> = {
  Exact: (value) => ({ $case: 'exact', value }),
  PathPrefix: (value) => ({ $case: 'prefix', value: value.length > 1 ? value.replace(/\/$/, '') : value }),
  RegularExpression: (value) => ({ $case: 'regex', value }),
}

function mistakesIn({ path, headers = [], queryParams = [] }: HttpRouteMatch): readonly string[] {
  const pathMistake = mistakeIn(path, Object.keys(pathCases))
  return [
    ...(pathMistake === undefined ? [] : [`path${pathMistake}`]),
    ...mistakesInList('headers', headers),
    ...mistakesInList('queryParams', queryParams),
  ]
}
