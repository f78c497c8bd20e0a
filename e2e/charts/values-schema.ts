// The maps of a schema of values: which of them are closed, and a typo for each.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
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
