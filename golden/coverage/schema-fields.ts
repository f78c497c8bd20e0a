// What the CRDs let a user write, and what a document does write, in the same words: a field, a value where the schema
// lists them, more than one entry where a list may have them.
import { crdsOfGatewayApi, type Schema } from '@penstock/gateway-api/admission'

/** `HTTPRoute spec.rules[].matches[].path.type = Exact`, of the version that we read. */
export function fieldsOf(kind: string): readonly string[] {
  const spec = crdsOfGatewayApi().find((crd) => crd.kind === kind)?.versions[0]?.openAPIV3Schema.properties?.['spec']
  if (spec === undefined) throw new Error(`no CRD has a spec of ${kind}`)
  return [...declared(spec, `${kind} spec`)]
}

function* declared(schema: Schema, place: string): Generator<string> {
  for (const value of schema.enum ?? []) yield equals(place, value)
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    yield `${place}.${name}`
    yield* declared(field, `${place}.${name}`)
  }
  if (schema.items === undefined) return
  if (schema.maxItems !== 1) yield several(place)
  yield* declared(schema.items, `${place}[]`)
}

/** Everything that a document says, below its kind. */
export function* written(value: unknown, place: string): Generator<string> {
  if (Array.isArray(value)) {
    if (value.length > 1) yield several(place)
    for (const item of value) yield* written(item, `${place}[]`)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, field] of Object.entries(value)) {
      yield `${place}.${name}`
      yield* written(field, `${place}.${name}`)
    }
  } else yield equals(place, value)
}

export const equals = (place: string, value: unknown): string => `${place} = ${value}`

const several = (place: string): string => `${place}[], several`
