// docs/reference/gateway-config.md, from the CRD.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { code, page, table } from './markdown.ts'

interface Schema {
  readonly description?: string
  readonly type?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly additionalProperties?: Schema
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-validations'?: readonly { readonly message: string }[]
}

interface Definition {
  readonly spec: {
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[]
  }
}

const file = resolve(
  import.meta.dirname,
  '../../../charts/penstock-crds/files/penstock/penstock.dev_gatewayconfigs.yaml',
)

export function gatewayConfigDocument(): string {
  const definition = parse(readFileSync(file, 'utf8')) as Definition
  const spec = definition.spec.versions[0]?.schema.openAPIV3Schema.properties?.['spec'] ?? {}
  const fields = [...fieldsBelow(spec, '')]
  return page(
    'GatewayConfig',
    'How the proxies of a Gateway are run. A GatewayClass names one in `spec.parametersRef`, as the default of its Gateways; ' +
      'a Gateway names one of its own namespace in `spec.infrastructure.parametersRef`, and its words win over those of the ' +
      'class: objects are merged field by field, maps by key, and lists are replaced.',
    '[Examples](../../charts/penstock-crds/examples/gateway-configs.yaml), and [a class for each plane](../../examples/classes).',
    '## Fields of `spec`',
    table(
      ['field', 'what it can be', 'what it says'],
      fields.map(({ path, schema }) => [code(path), kindOf(schema), schema.description ?? '']),
    ),
    '## What cannot be',
    'The API server refuses an object that breaks one of these rules. Where a class and a Gateway break one together, the ' +
      'Gateway has `Accepted: False` with the reason `InvalidParameters`, whose message names both objects; its proxies go ' +
      'on as they are. The same goes for what a plane cannot do, for words that it does not know, and for places in ' +
      '`bootstrap` and `overlays` that Penstock needs for itself.',
    table(
      ['of', 'rule'],
      [{ path: 'spec', schema: spec }, ...fields].flatMap(({ path, schema }) =>
        (schema['x-kubernetes-validations'] ?? []).map(({ message }) => [code(path), message]),
      ),
    ),
  )
}

interface Field {
  readonly path: string
  readonly schema: Schema
}

function* fieldsBelow({ properties = {} }: Schema, above: string): Generator<Field> {
  for (const [name, schema] of Object.entries(properties)) {
    const { items } = schema
    const isList = items?.properties !== undefined
    const path = `${above}${name}`
    yield { path, schema: isList ? { ...items, ...schema, ...rulesOf(items) } : schema }
    yield* fieldsBelow(isList ? items : schema, `${path}${isList ? '[]' : ''}.`)
  }
}

const rulesOf = (items: Schema): Schema => {
  const rules = items['x-kubernetes-validations']
  return rules ? { 'x-kubernetes-validations': rules } : {}
}

function kindOf(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string']) return 'number or text'
  if (schema.enum) return schema.enum.map(code).join(', ')
  if (schema.type === 'array') return schema.items?.enum ? `list of ${kindOf(schema.items)}` : 'list'
  if (schema.additionalProperties) return 'map'
  if (schema.type !== 'integer' && schema.type !== 'number')
    return schema.type === 'string' ? 'text' : (schema.type ?? '')
  return `${schema.minimum} to ${schema.maximum}`
}
