// x-kubernetes-validations at every level of a schema, for a document that already fits its structure
// (apiserver, pkg/apiserver/schema/cel).
import { celConverter, type ToCel } from './cel-value.ts'
import { childPath, duplicate, invalid, type Problem, required } from './refusal.ts'
import { brokenRule } from './rule.ts'
import { isObject, listMapKey, type Schema, schemaOfEntry, type ValidationRule } from './schema.ts'

/** Where a rule is evaluated, and what stood there before. */
interface Place {
  readonly schema: Schema
  readonly value: unknown
  readonly old: unknown
  readonly path: string
}

/** What breaks a rule, outer rules first. Without `old`, rules about a change do not apply. */
export function ruleProblems(schema: Schema, value: unknown, old: unknown): Problem[] {
  const refused: Problem[] = []
  visit({ schema, value, old, path: '' }, celConverter(), refused)
  return refused
}

function visit(place: Place, toCel: ToCel, refused: Problem[]): void {
  const { schema, value, old } = place
  if (value === null || !bearsRules(schema)) return
  for (const rule of schema['x-kubernetes-validations'] ?? []) {
    const reason = brokenRule(rule, toCel(schema, value), old === undefined ? undefined : toCel(schema, old))
    if (reason !== undefined) refused.push(problemOf(rule, place, reason))
  }
  for (const child of childrenOf(place)) visit(child, toCel, refused)
}

function* childrenOf({ schema, value, old, path }: Place): Generator<Place> {
  if (Array.isArray(value)) {
    const { items } = schema
    if (items === undefined) return
    const before = elementsByKey(schema, old)
    const keys = schema['x-kubernetes-list-map-keys'] ?? []
    for (const [index, element] of value.entries()) {
      const oldElement = before?.get(listMapKey(element, keys))
      yield { schema: items, value: element, old: oldElement, path: `${path}[${index}]` }
    }
  } else if (isObject(value)) {
    for (const [name, entry] of Object.entries(value)) {
      const known = schemaOfEntry(schema, name)
      if (known === undefined) continue
      yield { schema: known, value: entry, old: isObject(old) ? old[name] : undefined, path: childPath(path, name) }
    }
  }
}

/** Only the elements of a list-map can be told apart, so only they have a past. */
function elementsByKey(schema: Schema, old: unknown): Map<string, unknown> | undefined {
  const keys = schema['x-kubernetes-list-map-keys']
  if (keys === undefined || !Array.isArray(old)) return undefined
  return new Map(old.map((element: unknown) => [listMapKey(element, keys), element]))
}

const bearers = new WeakMap<Schema, boolean>()

/** Whether a rule stands here or anywhere below; most of a schema has none. */
function bearsRules(schema: Schema): boolean {
  let bears = bearers.get(schema)
  if (bears === undefined) {
    const below = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties]
    bears =
      schema['x-kubernetes-validations'] !== undefined ||
      below.some((child) => typeof child === 'object' && bearsRules(child))
    bearers.set(schema, bears)
  }
  return bears
}

function problemOf(rule: ValidationRule, { value, path }: Place, reason: string): Problem {
  const at = `${path}${rule.fieldPath ?? ''}`.replace(/^\./, '')
  switch (rule.reason) {
    case 'FieldValueRequired':
      return required(at, reason)
    case 'FieldValueForbidden':
      return { path: at, fault: 'Forbidden', detail: reason }
    case 'FieldValueDuplicate':
      return duplicate(at, reason)
    default:
      return invalid(at, value, reason)
  }
}
