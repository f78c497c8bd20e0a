// Generates what we know of the Gateway API from its own CRDs, the experimental channel, and from ours: the schemas for
// admission, TypeScript types, and what the standard channel lacks. usage: node crds.ts, from the package's folder. Output:
// gen/crds.json, gen/experimental.json and src/gen, never committed.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { type Crd, type Schema, typesOf } from './crd-types.ts'
import { gatewayApiFolder } from './gateway-api-module.ts'

interface Manifest {
  readonly kind: string
  readonly spec: {
    readonly group: string
    readonly scope: Crd['scope']
    readonly names: { readonly kind: string; readonly plural: string }
    readonly versions: readonly {
      readonly name: string
      readonly served: boolean
      readonly storage: boolean
      readonly schema: { readonly openAPIV3Schema: Schema }
    }[]
  }
}

function readCrds(folder: string): readonly Crd[] {
  const crds: Crd[] = []
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    for (const document of parseAllDocuments(readFileSync(join(folder, file), 'utf8'))) {
      const { kind, spec } = document.toJS() as Manifest
      if (kind !== 'CustomResourceDefinition') continue
      const versions = spec.versions.filter((version) => version.served)
      crds.push({
        group: spec.group,
        kind: spec.names.kind,
        plural: spec.names.plural,
        scope: spec.scope,
        versions: versions.map(({ name, storage, schema }) => ({
          name,
          storage,
          openAPIV3Schema: schema.openAPIV3Schema,
        })),
      })
    }
  }
  return crds
}

/** The schema without its prose, which is most of its size and which admission never reads. */
function bare(schema: Schema): Schema {
  const { description: _, ...rest } = schema
  return {
    ...rest,
    ...(schema.properties && { properties: mapValues(schema.properties, bare) }),
    ...(schema.items && { items: bare(schema.items) }),
    ...(typeof schema.additionalProperties === 'object' && { additionalProperties: bare(schema.additionalProperties) }),
  }
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

/** By version and kind, the places that the experimental channel alone has; an empty one is the kind itself. */
function experimentalOnly(experimental: readonly Crd[], standard: readonly Crd[]): Readonly<Record<string, string[]>> {
  const inStandard = new Map(standard.flatMap(schemasOf))
  const places = experimental.flatMap(schemasOf).map(([name, schema]) => {
    const other = inStandard.get(name)
    return [name, other ? added(schema, other, '') : ['']] as const
  })
  return Object.fromEntries(places.filter(([, found]) => found.length > 0))
}

const schemasOf = ({ group, kind, versions }: Crd): [string, Schema][] =>
  versions.map(({ name, openAPIV3Schema }) => [`${group}/${name} ${kind}`, openAPIV3Schema])

/** `spec.rules[].sessionPersistence` */
function added(schema: Schema, other: Schema, path: string): string[] {
  const inItems = schema.items && other.items ? added(schema.items, other.items, `${path}[]`) : []
  const inFields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const place = path === '' ? name : `${path}.${name}`
    const same = other.properties?.[name]
    return same ? added(field, same, place) : [place]
  })
  return [...inItems, ...inFields]
}

const channels = join(await gatewayApiFolder(), 'config/crd')
const ofGatewayApi = readCrds(join(channels, 'experimental'))
const ofPenstock = readCrds(join(import.meta.dirname, '../../charts/penstock-crds/files/penstock'))
const crds = [...ofGatewayApi, ...ofPenstock].sort((a, b) => (a.group + a.kind < b.group + b.kind ? -1 : 1))
const schemas = crds.map((crd) => ({
  ...crd,
  versions: crd.versions.map((version) => ({ ...version, openAPIV3Schema: bare(version.openAPIV3Schema) })),
}))
mkdirSync('gen', { recursive: true })
writeFileSync('gen/crds.json', `${JSON.stringify(schemas, null, 1)}\n`)
const experimental = experimentalOnly(ofGatewayApi, readCrds(join(channels, 'standard')))
writeFileSync('gen/experimental.json', `${JSON.stringify(experimental, null, 1)}\n`)
rmSync('src/gen', { recursive: true, force: true })
mkdirSync('src/gen', { recursive: true })
for (const [file, text] of typesOf(crds)) writeFileSync(join('src/gen', file), text)
