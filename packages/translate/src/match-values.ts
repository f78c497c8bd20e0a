// The values that matches of every kind of route compare with: a text or an expression, and what can be wrong with one.
import { regexMistake } from '@penstock/gateway-api'
import type { HeaderMatch } from '@penstock/ir'

export interface Comparison {
  readonly type: string
  readonly value: string
}

type Value = NonNullable<HeaderMatch['value']>

export function valueOf({ type, value }: Comparison): Value {
  return { $case: type === 'RegularExpression' ? 'regex' : 'exact', value }
}

/** Names are lower case from here on; of entries with the same name the first counts. */
export function translateHeaders(headers: readonly (Comparison & { readonly name: string })[] = []): HeaderMatch[] {
  return firstOf(headers, ({ name }) => name.toLowerCase()).map((header) => ({
    name: header.name.toLowerCase(),
    value: valueOf(header),
  }))
}

/** Each starts with the field and the place in it. */
export function mistakesInList(field: string, list: readonly Comparison[]): readonly string[] {
  return list.flatMap((comparison, at) => {
    const mistake = mistakeIn(comparison)
    return mistake === undefined ? [] : [`${field}[${at}]${mistake}`]
  })
}

/** Words that go on after the place of the comparison. */
export function mistakeIn(
  { type, value }: Comparison,
  known: readonly string[] = ['Exact', 'RegularExpression'],
): string | undefined {
  if (!known.includes(type)) return `.type is ${type}, which is not supported`
  const mistake = type === 'RegularExpression' ? regexMistake(value) : undefined
  return mistake && `.value, "${value}", is no RE2 expression: ${mistake}`
}

export function firstOf<T>(list: readonly T[], nameOf: (entry: T) => string): readonly T[] {
  return list.filter((entry, at) => list.findIndex((other) => nameOf(other) === nameOf(entry)) === at)
}
