// TypeScript for CRD schemas: one readonly interface per object, as it is after the schema's defaults were applied, so
// a field with a default is always there. Equal objects of several kinds become one interface, in parts.ts.
import { houseName, nameByPlace, partName } from './crd-names.ts'

export interface Schema {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly nullable?: boolean
  readonly 'x-kubernetes-int-or-string'?: boolean
}

export interface Crd {
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly scope: 'Namespaced' | 'Cluster'
  readonly versions: readonly { readonly name: string; readonly storage: boolean; readonly openAPIV3Schema: Schema }[]
}

interface Interface {
  readonly name: string
  readonly kinds: Set<string>
  readonly comment: string
  readonly fields: readonly { readonly name: string; readonly type: string; readonly comment: string }[]
  /** Names of the interfaces that its fields mention. */
  readonly uses: readonly string[]
}

/** What writes one kind's interfaces down, for the functions below. */
interface Scope {
  readonly kind: string
  readonly found: Map<string, Interface>
}

/** File name and text of each file: one per kind, parts.ts, index.ts. */
export function typesOf(crds: readonly Crd[]): ReadonlyMap<string, string> {
  const found = new Map<string, Interface>()
  for (const crd of crds) {
    const version = crd.versions.find((each) => each.storage)
    if (!version) throw new Error(`${crd.kind}: no storage version is served`)
    addRoot({ kind: houseName(crd.kind), found }, crd, version.openAPIV3Schema)
  }
  const homes = new Map([...found.values()].map((each) => [each.name, homeOf(each)]))
  const files = new Map<string, string>()
  for (const home of [...new Set(homes.values())].sort()) {
    const members = [...found.values()].filter((each) => homes.get(each.name) === home)
    files.set(`${home}.ts`, fileOf(home, members, homes))
  }
  files.set('index.ts', indexOf(homes))
  return files
}

function addRoot(scope: Scope, crd: Crd, schema: Schema): void {
  const { spec, status } = schema.properties ?? {}
  const uses: string[] = []
  const fields = [
    { name: 'readonly apiVersion', type: 'string', comment: '' },
    { name: 'readonly kind', type: `'${crd.kind}'`, comment: '' },
    { name: 'readonly metadata', type: 'ObjectMeta', comment: '' },
  ]
  if (spec) fields.push({ name: 'readonly spec', type: typeOf(scope, spec, ['spec'], uses), comment: '' })
  if (status) fields.push({ name: 'readonly status?', type: typeOf(scope, status, ['status'], uses), comment: '' })
  add(
    scope,
    { name: scope.kind, kinds: new Set([scope.kind]), comment: firstSentence(schema), fields, uses },
    scope.kind,
  )
}

function typeOf(scope: Scope, schema: Schema, path: readonly string[], uses: string[]): string {
  const type = plainTypeOf(scope, schema, path, uses)
  return schema.nullable ? `${type} | null` : type
}

function plainTypeOf(scope: Scope, schema: Schema, path: readonly string[], uses: string[]): string {
  if (schema['x-kubernetes-int-or-string']) return 'number | string'
  if (schema.enum)
    return schema.enum.map((value) => (typeof value === 'string' ? `'${value}'` : String(value))).join(' | ')
  if (schema.type === 'array') {
    const element = typeOf(scope, schema.items ?? {}, [...path, '[]'], uses)
    return element.includes(' ') ? `readonly (${element})[]` : `readonly ${element}[]`
  }
  if (schema.properties) {
    const name = interfaceOf(scope, schema, path)
    uses.push(name)
    return name
  }
  if (schema.type === 'object') {
    const values = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {}
    return `Readonly<Record<string, ${typeOf(scope, values, [...path, '{}'], uses)}>>`
  }
  if (schema.type === 'integer') return 'number'
  return schema.type ?? 'unknown'
}

function interfaceOf(scope: Scope, schema: Schema, path: readonly string[]): string {
  const uses: string[] = []
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const present = schema.required?.includes(name) || field.default !== undefined
    const type = typeOf(scope, field, [...path, name], uses)
    return { name: `readonly ${name}${present ? '' : '?'}`, type, comment: firstSentence(field) }
  })
  const name = partName(scope.kind, path, Object.keys(schema.properties ?? {}))
  const wanted = { name, kinds: new Set([scope.kind]), comment: firstSentence(schema), fields, uses }
  return add(scope, wanted, nameByPlace(scope.kind, path))
}

/** Adds the interface, or finds its equal; where the name already means something else, the other name is taken. */
function add(scope: Scope, wanted: Interface, otherName: string): string {
  const known = scope.found.get(wanted.name)
  if (!known) {
    scope.found.set(wanted.name, wanted)
    return wanted.name
  }
  if (shapeOf(known) === shapeOf(wanted)) {
    known.kinds.add(scope.kind)
    return known.name
  }
  if (wanted.name === otherName) throw new Error(`two shapes are called ${wanted.name}: name one in crd-names.ts`)
  return add(scope, { ...wanted, name: otherName }, otherName)
}

function shapeOf({ fields }: Interface): string {
  return fields.map(({ name, type }) => `${name}: ${type}`).join('\n')
}

function homeOf({ kinds }: Interface): string {
  const [kind = ''] = kinds
  return kinds.size > 1 ? 'parts' : kebab(kind)
}

function fileOf(home: string, members: readonly Interface[], homes: ReadonlyMap<string, string>): string {
  const imports = new Map<string, Set<string>>()
  for (const name of members.flatMap(({ uses }) => uses)) {
    const from = homes.get(name) ?? ''
    if (from !== home) imports.set(from, (imports.get(from) ?? new Set()).add(name))
  }
  const lines = [...imports].map(
    ([from, names]) => `import type { ${[...names].sort().join(', ')} } from './${from}.ts'`,
  )
  if (members.some(({ fields }) => fields.some(({ type }) => type === 'ObjectMeta'))) {
    lines.unshift(`import type { ObjectMeta } from '../object-meta.ts'`)
  }
  const texts = members.toReversed().map(textOf)
  return ['// Generated by tools/generate/crds.ts. Do not edit.', ...lines, ...texts, ''].join('\n')
}

function textOf({ name, comment, fields }: Interface): string {
  const lines = fields.flatMap((field) => [
    ...(field.comment ? [`  /** ${field.comment} */`] : []),
    `  ${field.name}: ${field.type}`,
  ])
  return ['', ...(comment ? [`/** ${comment} */`] : []), `export interface ${name} {`, ...lines, '}'].join('\n')
}

function indexOf(homes: ReadonlyMap<string, string>): string {
  const lines = [...new Set(homes.values())].sort().map((home) => {
    const names = [...homes].filter(([, each]) => each === home).map(([name]) => name)
    return `export type { ${names.sort().join(', ')} } from './${home}.ts'`
  })
  return ['// Generated by tools/generate/crds.ts. Do not edit.', ...lines, ''].join('\n')
}

function firstSentence({ description = '' }: Schema): string {
  const [paragraph = ''] = description.split('\n\n')
  const [sentence = ''] = /^.*?(?<!e\.g|i\.e)\.(?=\s|$)|^.*$/s.exec(paragraph.replace(/\s+/g, ' ').trim()) ?? []
  return sentence.replaceAll('*/', '*').replace(/ ?<gateway:[^>]*>/g, '')
}

function kebab(name: string): string {
  return name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase()
}
