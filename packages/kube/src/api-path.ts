// Where the API server keeps things (Kubernetes API concepts: resource URIs).
import type { KindInfo } from '@penstock/gateway-api'

/** One object of a kind. */
export interface ObjectRef {
  readonly kind: KindInfo
  readonly namespace?: string
  readonly name: string
}

export function collectionPath(kind: KindInfo, version: string, namespace: string | undefined): string {
  const root = kind.group === '' ? `/api/${version}` : `/apis/${kind.group}/${version}`
  const scope = kind.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${root}${scope}/${kind.plural}`
}

export function objectPath({ kind, namespace, name }: ObjectRef, version: string, subresource?: string): string {
  const path = `${collectionPath(kind, version, namespace)}/${encodeURIComponent(name)}`
  return subresource === undefined ? path : `${path}/${subresource}`
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export function withQuery(path: string, query: Query = {}): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') given.set(name, String(value))
  }
  return given.size === 0 ? path : `${path}?${given.toString()}`
}
