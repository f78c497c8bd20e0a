// Whether a value fits a structural schema: types, required and unknown fields, bounds, patterns, uniqueness. The sentences
// are the API server's (kube-openapi, pkg/validation/errors; field.Error).
import { hasFormat } from './format.ts'
import { compilePattern } from './pattern.ts'
import { childPath, duplicate, invalid, type Problem, required, unknownField, unsupported } from './refusal.ts'
import { isObject, listMapKey, type PlainObject, type Schema, schemaOfEntry } from './schema.ts'

/** Everything that is wrong, in the order of the document. */
export function structureProblems(schema: Schema, value: unknown, path: string): Problem[] {
  const refused: Problem[] = []
  check(schema, value, path, refused)
  return refused
}

function check(schema: Schema, value: unknown, path: string, refused: Problem[]): void {
  if (value === null && schema.nullable === true) return
  if (!hasType(schema, value)) {
    const expected = schema['x-kubernetes-int-or-string'] === true ? 'integer or string' : schema.type
    refused.push(invalid(path, value, `must be of type ${expected}: "${typeName(value)}"`))
    return
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) refused.push(unsupported(path, value, schema.enum))
  if (schema.format !== undefined && !hasFormat(schema.format, value)) {
    refused.push(invalid(path, value, `must be of type ${schema.format}`))
  }
  if (typeof value === 'string') checkText(schema, value, path, refused)
  else if (typeof value === 'number') checkNumber(schema, value, path, refused)
  else if (Array.isArray(value)) checkList(schema, value, path, refused)
  else if (isObject(value)) checkObject(schema, value, path, refused)
  checkCombinations(schema, value, path, refused)
}

function hasType(schema: Schema, value: unknown): boolean {
  if (schema['x-kubernetes-int-or-string'] === true) return typeof value === 'string' || Number.isInteger(value)
  switch (schema.type) {
    case undefined:
      return true
    case 'integer':
      return Number.isInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    default:
      return typeof value === schema.type
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

function checkText(schema: Schema, text: string, path: string, refused: Problem[]): void {
  const { minLength, maxLength, pattern } = schema
  // Code points count, not UTF-16 units; most texts are short enough either way.
  if (maxLength !== undefined && text.length > maxLength && [...text].length > maxLength) {
    refused.push({ path, fault: `Too long: may not be more than ${maxLength} bytes` })
  }
  if (minLength !== undefined && [...text].length < minLength) {
    refused.push(invalid(path, text, `should be at least ${minLength} chars long`))
  }
  if (pattern !== undefined && !compilePattern(pattern).test(text)) {
    refused.push(invalid(path, text, `should match '${pattern}'`))
  }
}

function checkNumber({ minimum, maximum }: Schema, value: number, path: string, refused: Problem[]): void {
  if (maximum !== undefined && value > maximum) {
    refused.push(invalid(path, value, `should be less than or equal to ${maximum}`))
  }
  if (minimum !== undefined && value < minimum) {
    refused.push(invalid(path, value, `should be greater than or equal to ${minimum}`))
  }
}

function checkList(schema: Schema, list: readonly unknown[], path: string, refused: Problem[]): void {
  const { items, minItems, maxItems } = schema
  if (maxItems !== undefined && list.length > maxItems) {
    refused.push({ path, fault: `Too many: ${list.length}: must have at most ${maxItems} items` })
  }
  if (minItems !== undefined && list.length < minItems) {
    refused.push(invalid(path, list.length, `should have at least ${minItems} items`))
  }
  const identity = identityOf(schema)
  const seen = new Set<string>()
  for (const [index, element] of list.entries()) {
    const elementPath = `${path}[${index}]`
    if (items !== undefined) check(items, element, elementPath, refused)
    if (identity === undefined) continue
    const key = identity(element)
    if (seen.has(key.text)) refused.push(duplicate(elementPath, key.shown))
    seen.add(key.text)
  }
}

interface Identity {
  readonly text: string
  readonly shown: unknown
}

/** What must be unique in a list: the whole element of a set, the keys of a list-map's. */
function identityOf(schema: Schema): ((element: unknown) => Identity) | undefined {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return (element) => ({ text: JSON.stringify(element), shown: element })
    case 'map': {
      const keys = schema['x-kubernetes-list-map-keys'] ?? []
      const pick = (element: PlainObject) => Object.fromEntries(keys.map((key) => [key, element[key]]))
      return (element) => ({ text: listMapKey(element, keys), shown: isObject(element) ? pick(element) : element })
    }
    default:
      return undefined
  }
}

function checkObject(schema: Schema, object: PlainObject, path: string, refused: Problem[]): void {
  const names = Object.keys(object)
  const { minProperties, maxProperties } = schema
  if (maxProperties !== undefined && names.length > maxProperties) {
    refused.push({ path, fault: `Too many: ${names.length}: must have at most ${maxProperties} items` })
  }
  if (minProperties !== undefined && names.length < minProperties) {
    refused.push(invalid(path, object, `should have at least ${minProperties} properties`))
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(object, name)) refused.push(required(childPath(path, name)))
  }
  // The branches of oneOf, anyOf and not bear no type: they speak of some fields and leave the others alone.
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true || schema.type !== 'object'
  for (const name of names) {
    const known = schemaOfEntry(schema, name)
    if (known !== undefined) check(known, object[name], childPath(path, name), refused)
    else if (!open) refused.push(unknownField(childPath(path, name)))
  }
}

function checkCombinations(schema: Schema, value: unknown, path: string, refused: Problem[]): void {
  const { allOf, anyOf, oneOf, not } = schema
  const fits = (branch: Schema): boolean => structureProblems(branch, value, path).length === 0
  if (allOf !== undefined && !allOf.every(fits)) {
    refused.push(invalid(path, value, 'must validate all the schemas (allOf)'))
  }
  if (anyOf !== undefined && !anyOf.some(fits)) {
    refused.push(invalid(path, value, 'must validate at least one schema (anyOf)'))
  }
  if (oneOf !== undefined && oneOf.filter(fits).length !== 1) {
    refused.push(invalid(path, value, 'must validate one and only one schema (oneOf)'))
  }
  if (not !== undefined && fits(not)) refused.push(invalid(path, value, 'must not validate the schema (not)'))
}
