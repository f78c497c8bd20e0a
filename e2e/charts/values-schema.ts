// The places of a schema of values: which maps are closed, a typo for each, and a wrong value for all that is judged.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
}

export const schemaOf = (charts: string, chart: string): Schema =>
  JSON.parse(readFileSync(join(charts, chart, 'values.schema.json'), 'utf8')) as Schema

interface Place {
  /** As helm names it: `/image/pullSecrets/0`. */
  readonly path: string
  readonly schema: Schema
}

/** Every place of a document that names each key, has one item in each list, and one key, `any`, in each open map. */
export function* placesOf(schema: Schema, path = ''): Generator<Place> {
  yield { path, schema }
  for (const [name, inner] of Object.entries(schema.properties ?? {})) yield* placesOf(inner, `${path}/${name}`)
  if (schema.items) yield* placesOf(schema.items, `${path}/0`)
  if (typeof schema.additionalProperties === 'object') yield* placesOf(schema.additionalProperties, `${path}/any`)
}

export const isMap = ({ type }: Schema): boolean => [type].flat().includes('object')

/** Says nothing of what may be in it. */
export const isOpen = (schema: Schema): boolean =>
  (isMap(schema) && schema.additionalProperties === undefined) ||
  (schema.type === 'array' && schema.items === undefined)

/** Values with a key `tpyo` in every map that knows its keys. */
export function withTypos(schema: Schema): unknown {
  if (schema.items) return [withTypos(schema.items)]
  if (typeof schema.additionalProperties === 'object') return { any: withTypos(schema.additionalProperties) }
  if (schema.additionalProperties !== false) return undefined
  const inner = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, withTypos(one)] as const)
  return { tpyo: 1, ...Object.fromEntries(inner.filter(([, value]) => holdsTypo(value))) }
}

const holdsTypo = (value: unknown): boolean => JSON.stringify(value)?.includes('tpyo') ?? false

type Wrong = (schema: Schema) => unknown

/** For each word by which a schema judges a value: one that it refuses, where the word stands. */
export const wrongs: Readonly<Record<'enum' | 'minimum' | 'maximum' | 'pattern', Wrong>> = {
  enum: (schema) => schema.enum && 'tpyo',
  minimum: ({ minimum }) => (minimum === undefined ? undefined : minimum - 1),
  maximum: ({ maximum }) => (maximum === undefined ? undefined : maximum + 1),
  pattern: ({ pattern }) => pattern && [' ', '@'].find((text) => !new RegExp(pattern).test(text)),
}

/** Values that are wrong wherever they can be. */
export function withWrong(schema: Schema, wrong: Wrong): unknown {
  const value = wrong(schema)
  if (value !== undefined) return value
  if (schema.items) return [withWrong(schema.items, wrong)].filter((item) => item !== undefined)
  if (typeof schema.additionalProperties === 'object') return { any: withWrong(schema.additionalProperties, wrong) }
  const inner = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, withWrong(one, wrong)] as const)
  const said = inner.filter(([, one]) => one !== undefined)
  return said.length === 0 ? undefined : Object.fromEntries(said)
}

/** The variable of a setting. */
export const variableOf = (name: string): `PENSTOCK_${string}` =>
  `PENSTOCK_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
