// The matches of a rule (Gateway API: HTTPRouteMatch). Of entries with the same name the first counts.
import { type HttpRouteMatch, type HttpRouteRule, matchPrecedence, regexMistake } from '@penstock/gateway-api'
import type { HttpMatch } from '@penstock/ir'
import type { Problem } from './problem.ts'

interface Condition {
  readonly type: string
  readonly value: string
}

/** What an absent match means. */
const everyRequest: HttpRouteMatch = { path: { type: 'PathPrefix', value: '/' } }

type Value = { readonly $case: 'exact' | 'regex'; readonly value: string }

export interface TranslatedMatches {
  readonly matches: HttpMatch[]
  /** A match with a problem matches nothing, and the rule is invalid. */
  readonly problems: readonly Problem<'UnsupportedValue'>[]
}

/** `place`: where the rule stands, such as `spec.rules[0]`. */
export function translateMatches(rule: HttpRouteRule, place: string): TranslatedMatches {
  const matches: HttpMatch[] = []
  const problems: Problem<'UnsupportedValue'>[] = []
  const declared = rule.matches.length > 0 ? rule.matches : [everyRequest]
  declared.forEach((match, at) => {
    const mistakes = mistakesIn(match)
    if (mistakes.length === 0) matches.push(translateMatch(match))
    for (const mistake of mistakes) {
      problems.push({ reason: 'UnsupportedValue', message: `${place}.matches[${at}].${mistake}.` })
    }
  })
  return { matches, problems }
}

function translateMatch(match: HttpRouteMatch): HttpMatch {
  const { path, method = '', headers = [], queryParams = [] } = match
  return {
    precedence: matchPrecedence(match),
    path: pathCases[path.type]?.(path.value),
    method,
    headers: firstOf(headers, ({ name }) => name.toLowerCase()).map((header) => ({
      name: header.name.toLowerCase(),
      value: valueOf(header),
    })),
    query: firstOf(queryParams, ({ name }) => name).map((param) => ({ name: param.name, value: valueOf(param) })),
  }
}

const pathCases: Readonly<Record<string, (value: string) => HttpMatch['path']>> = {
  Exact: (value) => ({ $case: 'exact', value }),
  PathPrefix: (value) => ({ $case: 'prefix', value: value.length > 1 ? value.replace(/\/$/, '') : value }),
  RegularExpression: (value) => ({ $case: 'regex', value }),
}

function valueOf({ type, value }: Condition): Value {
  return { $case: type === 'RegularExpression' ? 'regex' : 'exact', value }
}

/** Each goes on after the place of the match. */
function mistakesIn({ path, headers = [], queryParams = [] }: HttpRouteMatch): readonly string[] {
  const pathMistake = mistakeOf(path, Object.keys(pathCases))
  const inList = (field: string, list: readonly Condition[]) =>
    list.map((condition, at) => {
      const mistake = mistakeOf(condition, ['Exact', 'RegularExpression'])
      return mistake && `${field}[${at}]${mistake}`
    })
  const found = [
    pathMistake && `path${pathMistake}`,
    ...inList('headers', headers),
    ...inList('queryParams', queryParams),
  ]
  return found.filter((mistake) => mistake !== undefined)
}

function mistakeOf({ type, value }: Condition, known: readonly string[]): string | undefined {
  if (!known.includes(type)) return `.type is ${type}, which is not supported`
  const mistake = type === 'RegularExpression' ? regexMistake(value) : undefined
  return mistake && `.value, "${value}", is no RE2 expression: ${mistake}`
}

function firstOf<T>(list: readonly T[], nameOf: (entry: T) => string): readonly T[] {
  return list.filter((entry, at) => list.findIndex((other) => nameOf(other) === nameOf(entry)) === at)
}
