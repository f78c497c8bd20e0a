// What a golden case's files show: records and messages as YAML that a person can review.
import { createHash } from 'node:crypto'
import type { IrRecord, Source, Status } from '@penstock/ir'
import { stringify } from 'yaml'
import { envoyJson } from './envoy-json.ts'

/** One Envoy resource as the plane would send it. */
export interface EnvoyResource {
  typeUrl: string
  name: string
  version: string
  body: Uint8Array
}

/** config.yaml: IR records sorted by key. */
export function configYaml(records: ReadonlyMap<string, IrRecord>): string {
  return yaml(sorted([...records].map(([key, { value }]) => [key, shown(value)])))
}

/** status.yaml: conditions without times, sorted by key. */
export function statusYaml(records: ReadonlyMap<string, Status>): string {
  return yaml(sorted([...records].map(([key, value]) => [key, shown(value)])))
}

/**
 * envoy.yaml: resources by type, sorted by name. Of the 128 route tables of a port only those with a virtual host are
 * shown, and of the scopes those that do not merely keep an empty table alive.
 */
export function envoyYaml(resources: Iterable<EnvoyResource>): string {
  const types = new Map<string, [string, unknown][]>()
  const tables = new Set<string>()
  const all = [...resources].map((resource) => ({
    ...resource,
    json: envoyJson(resource.typeUrl, resource.body) as Json,
  }))
  for (const { name, json } of all) if (json.virtualHosts) tables.add(name)
  for (const { typeUrl, name, json } of all) {
    const table = typeUrl.endsWith('.RouteConfiguration') ? name : json.routeConfigurationName
    if (table !== undefined && !tables.has(table)) continue
    const type = typeUrl.slice(typeUrl.lastIndexOf('.') + 1)
    types.set(type, [...(types.get(type) ?? []), [name, json]])
  }
  return yaml(sorted([...types].map(([type, entries]) => [type, sorted(entries)])))
}

interface Json {
  virtualHosts?: unknown
  routeConfigurationName?: string
}

function sorted(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 120, aliasDuplicateObjects: false })
}

/** Without what is empty, as proto3 means it, and with bytes as their length and the start of their hash. */
function shown(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return `${value.length} bytes, sha256 ${createHash('sha256').update(value).digest('hex').slice(0, 16)}`
  }
  if (Array.isArray(value)) return value.map(shown)
  if (typeof value !== 'object' || value === null) return value
  if ('uid' in value && 'generation' in value) return sourceLine(value as Source)
  const fields = Object.entries(value).map(([name, field]) => [name, shown(field)] as const)
  return Object.fromEntries(fields.filter(([, field]) => !isEmpty(field)))
}

/** A record's source as one line; its uid follows from its name. */
function sourceLine({ kind, namespace, name, generation }: Source): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}, generation ${generation}`
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}
