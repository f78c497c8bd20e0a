// Defaulting (Kubernetes API concepts: "Defaulting" and "Defaulting and Nullable" of structural schemas): an absent field takes its
// default, then the defaults inside that; a null where a default stands and null is no value counts as absent.
import { isObject, type Schema, schemaOfEntry } from './schema.ts'

/** A copy of `value` with every default filled in; what the schema does not know stays as it is. */
export function withDefaults(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined ? value : value.map((element: unknown) => withDefaults(items, element))
  }
  if (!isObject(value)) return value
  const filled: Record<string, unknown> = {}
  for (const [name, entry] of Object.entries(value)) {
    const known = schemaOfEntry(schema, name)
    if (entry === null && known?.default !== undefined && known.nullable !== true) continue
    filled[name] = known === undefined ? entry : withDefaults(known, entry)
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default !== undefined && !Object.hasOwn(filled, name)) {
      filled[name] = withDefaults(property, structuredClone(property.default))
    }
  }
  return filled
}

/** A copy of `value` where no known field is null: what Go decodes into types of its own takes null for absent. */
export function withoutNulls(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined ? value : value.map((element: unknown) => withoutNulls(items, element))
  }
  if (!isObject(value)) return value
  const kept: Record<string, unknown> = {}
  for (const [name, entry] of Object.entries(value)) {
    const known = schemaOfEntry(schema, name)
    if (known === undefined) kept[name] = entry
    else if (entry !== null) kept[name] = withoutNulls(known, entry)
  }
  return kept
}
