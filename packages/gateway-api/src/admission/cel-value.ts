// Values as CEL sees them in Kubernetes: integers by what the schema says, never by how a number looks; fields under names
// that are legal in CEL (apiserver, pkg/cel: Escape).
import { type CelInput, celList, celMap } from '@bufbuild/cel'
import { isObject, type PlainObject, type Schema, schemaOfEntry } from './schema.ts'

export type ToCel = (schema: Schema, value: unknown) => CelInput

/** Converts each object and list of one document once, however many rules look at it. */
export function celConverter(): ToCel {
  const converted = new Map<object, CelInput>()
  const convert: ToCel = (schema, value) => {
    if (typeof value !== 'object' || value === null) return celScalar(schema, value)
    let input = converted.get(value)
    if (input === undefined) {
      input = isObject(value) ? celObject(schema, value, convert) : celElements(schema, value, convert)
      converted.set(value, input)
    }
    return input
  }
  return convert
}

function celScalar(schema: Schema, value: unknown): CelInput {
  switch (typeof value) {
    case 'number':
      return schema.type === 'number' ? value : BigInt(value)
    case 'string':
    case 'boolean':
      return value
    default:
      return null
  }
}

function celElements({ items }: Schema, value: object, convert: ToCel): CelInput {
  if (!Array.isArray(value) || items === undefined) return celList([])
  return celList(value.map((element) => convert(items, element)))
}

/** Fields that the schema does not describe are out of a rule's sight. */
function celObject(schema: Schema, object: PlainObject, convert: ToCel): CelInput {
  const entries = new Map<string, CelInput>()
  for (const [name, value] of Object.entries(object)) {
    const known = schemaOfEntry(schema, name)
    if (known === undefined || (value === null && known.nullable !== true)) continue
    entries.set(schema.properties === undefined ? name : celFieldName(name), convert(known, value))
  }
  return celMap(entries)
}

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

export function celFieldName(name: string): string {
  if (reserved.has(name)) return `__${name}__`
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__')
}
