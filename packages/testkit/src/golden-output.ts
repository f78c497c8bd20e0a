// What a golden case's files show: records and messages as YAML that a person can review.
import { createHash } from 'node:crypto'
import type { Infra, IrRecord, Source, Status } from '@penstock/ir'
import { stringify } from 'yaml'
import { agentgatewayJson, envoyJson } from './message-json.ts'

/** One resource as a plane would send it. */
export interface PlaneResource {
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

/** infra.yaml: what must run, by fleet. */
export function infraYaml(records: ReadonlyMap<string, Infra>): string {
  return yaml(sorted([...records].map(([key, value]) => [key, shown(value)])))
}

/**
 * envoy.yaml: resources by type, sorted by name. Of the 128 route tables of a port only those with a virtual host are
 * shown, and of the scopes those that do not merely keep an empty table alive.
 */
export function envoyYaml(resources: Iterable<PlaneResource>): string {
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

/** agentgateway.yaml: resources by type, sorted by name; addresses as text. */
export function agentgatewayYaml(resources: Iterable<PlaneResource>): string {
  const types = Map.groupBy(resources, ({ typeUrl }) => typeUrl.slice(typeUrl.lastIndexOf('.') + 1))
  const entriesOf = (ofType: readonly PlaneResource[]): [string, unknown][] =>
    ofType.map(({ typeUrl, name, body }) => [name, readable(agentgatewayJson(typeUrl, body))])
  return yaml(sorted([...types].map(([type, ofType]) => [type, sorted(entriesOf(ofType))])))
}

/** JSON has bytes in Base64. */
function readable(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(readable)
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => {
      if (name === 'addresses')
        return [name, (value as string[]).map((bytes) => addressText(Buffer.from(bytes, 'base64')))]
      if (name === 'tls' || name === 'backendTls')
        return [name, withoutSecrets(value as Readonly<Record<string, unknown>>)]
      return [name, readable(value)]
    }),
  )
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  return bytes.toString('hex').replace(/.{4}(?!$)/g, '$&:')
}

function withoutSecrets(tls: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isPem = (name: string): boolean => ['cert', 'privateKey', 'key', 'root'].includes(name)
  return Object.fromEntries(
    Object.entries(tls).map(([name, value]) => [
      name,
      isPem(name) ? shown(Buffer.from(value as string, 'base64')) : value,
    ]),
  )
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
