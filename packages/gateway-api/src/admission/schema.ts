// The part of OpenAPI that Kubernetes allows in a structural schema. A test holds the list of keywords against the CRDs,
// so that none is passed over in silence.

export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly required?: readonly string[]
  readonly enum?: readonly unknown[]
  readonly nullable?: boolean
  readonly default?: unknown
  readonly format?: string
  /** RE2. */
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly not?: Schema
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[]
}

/** One entry of x-kubernetes-validations. */
export interface ValidationRule {
  readonly rule: string
  readonly message?: string
  readonly messageExpression?: string
  readonly fieldPath?: string
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate'
  readonly optionalOldSelf?: boolean
}

export type PlainObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The schema of one entry of an object; undefined: the schema does not know it. */
export function schemaOfEntry(schema: Schema, name: string): Schema | undefined {
  const { properties, additionalProperties } = schema
  // Names come from users: "constructor" must not find what every object inherits.
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name]
  if (additionalProperties === true) return {}
  return additionalProperties || undefined
}

/** Two elements of a list-map are the same one when these texts are equal; absent keys count as null. */
export function listMapKey(element: unknown, keys: readonly string[]): string {
  return JSON.stringify(keys.map((key) => (isObject(element) ? (element[key] ?? null) : null)))
}
