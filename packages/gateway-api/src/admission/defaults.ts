// What becomes of absent fields and of nulls before anything is judged (Kubernetes API concepts: "Defaulting" and "Defaulting
// and Nullable" of structural schemas). Copies are made of entries, never by assignment: "__proto__" would get lost.
import { isObject, type Schema, schemaOfEntry } from './schema.ts'

/** A copy of `value` with every default filled in, and the defaults inside of that; what the schema does not know stays. */
export function withDefaults(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined ? value : value.map((element: unknown) => withDefaults(items, element))
  }
  if (!isObject(value)) return value
  const filled = new Map<string, unknown>()
  for (const [name, entry] of Object.entries(value)) {
    const known = schemaOfEntry(schema, name)
    filled.set(name, known === undefined ? entry : withDefaults(known, entry))
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default !== undefined && !filled.has(name)) {
      filled.set(name, withDefaults(property, structuredClone(property.default)))
    }
  }
  return Object.fromEntries(filled)
}

/** Of nulls that cannot count as absent; undefined: they can. */
export type NullReading = (schema: Schema) => unknown

/** A custom resource: elements of lists stay null, for their type to refuse; entries of maps go. */
export const pruned: NullReading = () => undefined

/** What Go decodes into types of its own has its zero value there. */
export function zeroValue({ type }: Schema): unknown {
  return type === 'string' ? '' : type === 'object' ? {} : undefined
}

/** A copy of `value` where no known field is null, but where null is a value: null counts as absent. */
export function withoutNulls(schema: Schema, value: unknown, reading: NullReading = pruned): unknown {
  if (Array.isArray(value)) {
    const { items } = schema
    if (items === undefined) return value
    return value.map((element: unknown) =>
      element === null ? (reading(items) ?? null) : withoutNulls(items, element, reading),
    )
  }
  if (!isObject(value)) return value
  const kept = new Map<string, unknown>()
  for (const [name, entry] of Object.entries(value)) {
    const known = schemaOfEntry(schema, name)
    if (known === undefined || (entry === null && known.nullable === true)) kept.set(name, entry)
    else if (entry !== null) kept.set(name, withoutNulls(known, entry, reading))
    else if (known === schema.additionalProperties && reading(known) !== undefined) kept.set(name, reading(known))
  }
  return Object.fromEntries(kept)
}
