// A value of a chart: what it is called, what it is where nobody says anything, and what may stand there.
import type { Setting } from '@penstock/service'

export type Schema = Readonly<Record<string, unknown>>

/** One line of values.yaml. */
export interface ChartValue {
  readonly default: unknown
  /** One sentence, shown above it. */
  readonly sentence: string
  /** JSON schema; of the default where nothing is said. */
  readonly schema: Schema
  /** It is only shown: nothing is said until a user says it. */
  readonly unset?: true
  /** Nobody needs to know of it. */
  readonly hidden?: true
}

/** Values under one name; a name that is not in it is refused. */
export interface ChartValues {
  readonly [name: string]: ChartValue | ChartValues
}

const isValue = (entry: ChartValue | ChartValues): entry is ChartValue => typeof entry['sentence'] === 'string'

/** Each value that somebody may want to say, with its path: `image.tag`. */
export function* valuesIn(values: ChartValues, above = ''): Generator<readonly [string, ChartValue]> {
  for (const [name, entry] of Object.entries(values)) {
    if (!isValue(entry)) yield* valuesIn(entry, `${above}${name}.`)
    else if (!entry.hidden) yield [`${above}${name}`, entry]
  }
}

/** The sentence, and what may be said, where that takes few words. */
export function withTaken(sentence: string, { enum: words, minimum, maximum }: Schema): string {
  if (Array.isArray(words)) return `${sentence} One of ${words.map((word) => `\`${word}\``).join(', ')}.`
  if (typeof minimum !== 'number' || typeof maximum !== 'number') return sentence
  return `${sentence} From ${minimum} to ${maximum}.`
}

/** The text of a values.yaml: every value with its default, below the sentence that says what it is. */
export function valuesText(values: ChartValues, indent = ''): string {
  return Object.entries(values)
    .map(([name, entry]) => (isValue(entry) ? valueText(name, entry, indent) : groupText(name, entry, indent)))
    .join('')
}

function valueText(name: string, value: ChartValue, indent: string): string {
  const { sentence, schema, unset, hidden, default: fallback } = value
  if (hidden) return ''
  return `${indent}# -- ${withTaken(sentence, schema)}\n${indent}${unset ? '# ' : ''}${name}: ${JSON.stringify(fallback)}\n`
}

function groupText(name: string, group: ChartValues, indent: string): string {
  const nothing = Object.values(group).every((entry) => isValue(entry) && entry.unset)
  return `${indent}${name}:${nothing ? ' {}' : ''}\n${valuesText(group, `${indent}  `)}`
}

/** The JSON schema of these values, closed. */
export function valuesSchema(values: ChartValues): Schema {
  const properties = Object.entries(values).map(([name, entry]): [string, Schema] => [
    name,
    isValue(entry) ? { description: entry.sentence, ...entry.schema } : valuesSchema(entry),
  ])
  return closed(Object.fromEntries(properties))
}

export const text = (sentence: string, fallback = ''): ChartValue => ({
  ...{ default: fallback, sentence },
  schema: { type: 'string' },
})
/** A text, or texts, of which only such as match can mean something. */
export const matching = (pattern: string, value: ChartValue): ChartValue => {
  const { type, items } = value.schema
  return { ...value, schema: type === 'array' ? { type, items: { ...(items as Schema), pattern } } : { type, pattern } }
}
/** What a service takes that is told it; nothing may be said, too. */
export const taken = ({ parse }: Pick<Setting<unknown>, 'parse'>, value: ChartValue): ChartValue => {
  const { pattern, ...others } = parse.takes ?? {}
  const orNothing = pattern && !new RegExp(pattern).test('') ? `^$|${pattern}` : pattern
  return { ...value, schema: { ...value.schema, ...others, ...(orNothing && { pattern: orNothing }) } }
}
export const count = (sentence: string, fallback: number, least = 0): ChartValue => ({
  ...{ default: fallback, sentence },
  schema: { type: 'integer', minimum: least },
})
export const flag = (sentence: string, fallback: boolean): ChartValue => ({
  ...{ default: fallback, sentence },
  schema: { type: 'boolean' },
})
export const choice = (sentence: string, values: readonly [string, ...string[]]): ChartValue => ({
  ...{ default: values[0], sentence },
  schema: { enum: values },
})
/** Of Kubernetes: the API server judges what is in it. */
export const object = (sentence: string, fallback: object = {}): ChartValue => ({
  ...{ default: fallback, sentence },
  schema: { type: 'object' },
})
export const texts = (sentence: string): ChartValue => ({
  ...{ default: [], sentence },
  schema: { type: 'array', items: { type: 'string' } },
})
/** Of Kubernetes, like an object. */
export const list = (sentence: string): ChartValue => ({ default: [], sentence, schema: { type: 'array' } })
export const names = (sentence: string): ChartValue => ({
  ...{ default: {}, sentence },
  schema: { type: 'object', additionalProperties: { type: 'string' } },
})

/** One at least: in a NetworkPolicy none would be all. */
export const ports = (sentence: string, fallback: readonly [number, ...number[]]): ChartValue => ({
  ...{ default: fallback, sentence },
  schema: { type: 'array', minItems: 1, items: { type: 'integer', minimum: 1, maximum: 65_535 } },
})

/** Names of Secrets, as pods name them. */
export const secretNames = (sentence: string): ChartValue => ({
  ...{ default: [], sentence },
  schema: { type: 'array', items: closed({ name: { type: 'string' } }) },
})

const quantities: Schema = { type: 'object', additionalProperties: { type: ['string', 'number'] } }

export const resources = (sentence: string, fallback: object): ChartValue => ({
  ...{ default: fallback, sentence },
  schema: closed({ requests: quantities, limits: quantities }),
})

function closed(properties: Schema): Schema {
  return { type: 'object', additionalProperties: false, properties }
}
