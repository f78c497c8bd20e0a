// x-kubernetes-validations at every level of a schema, for a document that already fits its structure
// (apiserver, pkg/apiserver/schema/cel). What stood there before, and was admitted, is not judged again, as in
// Kubernetes since 1.33 (KEP-4008): so an edit of a large object costs what was edited.
import { isDeepStrictEqual } from 'node:util'
import { celConverter, type ToCel } from './cel-value.ts'
import { childPath, duplicate, invalid, type Problem, required } from './refusal.ts'
import { brokenRule, isAboutChange } from './rule.ts'
import { isObject, listMapKey, type Schema, schemaOfEntry, type ValidationRule } from './schema.ts'

/** Where a rule is evaluated. */
interface Place {
  readonly schema: Schema
  readonly value: unknown
  /** The past of the value, for rules about a change. */
  readonly old: unknown
  /** What was admitted at this place, in a list at this position: the same one, or another that judges the same. */
  readonly admitted: unknown
  readonly path: string
}

/** What breaks a rule, outer rules first. Without `old`, rules about a change do not apply. */
export function ruleProblems(schema: Schema, value: unknown, old: unknown): Problem[] {
  const refused: Problem[] = []
  visit({ schema, value, old, admitted: old, path: '' }, celConverter(), refused)
  return refused
}

function visit(place: Place, toCel: ToCel, refused: Problem[]): void {
  const { schema, value, old, admitted } = place
  if (value === null || !bearsRules(schema)) return
  if (admitted !== undefined && !bearsChangeRules(schema) && isDeepStrictEqual(value, admitted)) return
  for (const rule of schema['x-kubernetes-validations'] ?? []) {
    const reason = brokenRule(rule, toCel(schema, value), old === undefined ? undefined : toCel(schema, old))
    if (reason !== undefined) refused.push(problemOf(rule, place, reason))
  }
  for (const child of childrenOf(place)) visit(child, toCel, refused)
}

function* childrenOf({ schema, value, old, admitted, path }: Place): Generator<Place> {
  if (Array.isArray(value)) {
    const { items } = schema
    if (items === undefined) return
    const before = elementsByKey(schema, old)
    const stood: readonly unknown[] = Array.isArray(admitted) ? admitted : []
    const keys = schema['x-kubernetes-list-map-keys'] ?? []
    for (const [index, element] of value.entries()) {
      const oldElement = before?.get(listMapKey(element, keys))
      yield { schema: items, value: element, old: oldElement, admitted: stood[index], path: `${path}[${index}]` }
    }
  } else if (isObject(value)) {
    for (const [name, entry] of Object.entries(value)) {
      const known = schemaOfEntry(schema, name)
      if (known === undefined) continue
      const [oldEntry, stood] = [old, admitted].map((object) => (isObject(object) ? object[name] : undefined))
      yield { schema: known, value: entry, old: oldEntry, admitted: stood, path: childPath(path, name) }
    }
  }
}

/** Only the elements of a list-map can be told apart, so only they have a past. */
function elementsByKey(schema: Schema, old: unknown): Map<string, unknown> | undefined {
  const keys = schema['x-kubernetes-list-map-keys']
  if (keys === undefined || !Array.isArray(old)) return undefined
  return new Map(old.map((element: unknown) => [listMapKey(element, keys), element]))
}

/** Whether such a rule stands here or anywhere below; most of a schema has none. */
function bearing(isSuch: (rule: ValidationRule) => boolean): (schema: Schema) => boolean {
  const known = new WeakMap<Schema, boolean>()
  const bears = (schema: Schema): boolean => {
    let answer = known.get(schema)
    if (answer === undefined) {
      const below = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties]
      answer =
        schema['x-kubernetes-validations']?.some(isSuch) === true ||
        below.some((child) => typeof child === 'object' && bears(child))
      known.set(schema, answer)
    }
    return answer
  }
  return bears
}

const bearsRules = bearing(() => true)
const bearsChangeRules = bearing(isAboutChange)

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
