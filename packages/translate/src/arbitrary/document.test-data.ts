// For property tests: what arbitrary objects have in common. Few names, so that they refer to each other, collide and miss.
import { apiVersionOf, kinds } from '@penstock/gateway-api'
import fc from 'fast-check'

/** An object as a user writes it: the API server would take it, whatever else is wrong with it. */
export interface Document {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly creationTimestamp: string
    readonly generation: number
  }
}

export const space = fc.constantFrom('a', 'b')
export const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined })
export const hostname = fc.constantFrom('a.com', 'b.com', 'x.a.com', '*.com', '*.a.com')

/** The usual value, and now and then an odd one. */
export const mostly = <T>(usual: T, ...odd: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 6 * odd.length, arbitrary: fc.constant(usual) },
    { weight: odd.length, arbitrary: fc.constantFrom(...odd) },
  )

export const listOf = <T>(item: fc.Arbitrary<T>, minLength: number, maxLength: number): fc.Arbitrary<T[]> =>
  fc.array(item, { minLength, maxLength, size: 'max' })

/** Leaves out what is undefined, as a document would. */
export const compact = (object: object): object =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))

/** A spec whose absent fields are left out. */
export const fields = (model: { readonly [field: string]: fc.Arbitrary<unknown> }): fc.Arbitrary<object> =>
  fc.record(model).map(compact)

/** Two ages, so that precedence often falls to the names. */
const meta = fc.record({
  creationTimestamp: fc.constantFrom('2025-01-01T00:00:00Z', '2026-01-01T00:00:00Z'),
  generation: fc.integer({ min: 1, max: 3 }),
})

/** Documents of a kind with one of these names, in one of two namespaces if it is in any. */
export function documents(kind: string, names: readonly string[], body: fc.Arbitrary<object>): fc.Arbitrary<Document> {
  const info = kinds.find((known) => known.kind === kind)
  if (info === undefined) throw new Error(`unknown kind ${kind}`)
  return fc.record({ name: fc.constantFrom(...names), namespace: space, meta, body }).map((made) => ({
    apiVersion: apiVersionOf(info),
    kind,
    ...made.body,
    metadata: {
      name: made.name,
      ...(info.namespaced ? { namespace: made.namespace } : {}),
      ...made.meta,
      ...(made.body as { readonly metadata?: object }).metadata,
    },
  }))
}
