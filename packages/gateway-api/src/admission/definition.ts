// What admission knows of a kind in one version: its schema, from the CRDs of the Gateway API or by hand, without what
// every object has and what no document of a user decides (apiVersion, kind, metadata, status).
import { readFileSync } from 'node:fs'
import type { KindInfo } from '../kinds.ts'
import { coreSchemas } from './core-schemas.ts'
import type { Schema } from './schema.ts'

export interface Definition {
  readonly schema: Schema
  readonly hasStatus: boolean
  /** Decoded by Go types rather than by a schema. */
  readonly core: boolean
}

export interface Crd {
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly scope: 'Namespaced' | 'Cluster'
  /** The served ones. */
  readonly versions: readonly { readonly name: string; readonly openAPIV3Schema: Schema }[]
}

let crds: readonly Crd[] | undefined

/** Read on the first question; `gen` is made by `generate`. */
export function crdsOfGatewayApi(): readonly Crd[] {
  crds ??= JSON.parse(readFileSync(new URL('../../gen/crds.json', import.meta.url), 'utf8')) as Crd[]
  return crds
}

const definitions = new Map<string, Definition>()

/** Undefined for a version that is not served. */
export function definitionOf(info: KindInfo, version: string): Definition | undefined {
  if (!info.versions.includes(version)) return undefined
  const key = `${info.group}/${version}/${info.kind}`
  let definition = definitions.get(key)
  if (definition === undefined) {
    definition = define(info, version)
    definitions.set(key, definition)
  }
  return definition
}

/** The groups of Kubernetes itself that we read from. */
const builtIn = new Set(['', 'discovery.k8s.io', 'certificates.k8s.io'])

function define(info: KindInfo, version: string): Definition {
  const core = builtIn.has(info.group)
  const whole = core ? coreSchemas[info.kind] : crdSchema(info, version)
  if (whole === undefined) throw new Error(`nothing defines ${info.kind} in ${info.group}/${version}`)
  const { apiVersion, kind, metadata, status, ...properties } = whole.properties ?? {}
  return { schema: { ...whole, properties }, hasStatus: status !== undefined, core }
}

function crdSchema(info: KindInfo, version: string): Schema | undefined {
  const crd = crdsOfGatewayApi().find(({ group, kind }) => group === info.group && kind === info.kind)
  return crd?.versions.find(({ name }) => name === version)?.openAPIV3Schema
}
