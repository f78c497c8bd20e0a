// Who a document is, before it is known to be right: its key and its kind, if they can be read at all.
import { createHash } from 'node:crypto'
import { groupOf, kindInfo, objectKey } from '@penstock/gateway-api'

export interface Identity {
  key: string
  kind: string
  namespace: string
  name: string
}

const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/**
 * Undefined unless kind and name are ones that an object can have: a document that is being typed must not be taken
 * for another object. What names no namespace lives in `default`, as with kubectl.
 */
export function identify(value: unknown): Identity | undefined {
  const { apiVersion, kind, metadata } = (value ?? {}) as { apiVersion?: unknown; kind?: unknown; metadata?: unknown }
  const { namespace = 'default', name } = (metadata ?? {}) as { namespace?: unknown; name?: unknown }
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isNameOf(kind, name)) return undefined
  const group = groupOf(apiVersion)
  const info = kindInfo(group, kind)
  // What a cluster-scoped object says of a namespace is passed over.
  if (!info || (info.namespaced && !isName(namespace))) return undefined
  const place = { kind, namespace: info.namespaced ? String(namespace) : '', name }
  return { key: objectKey({ group, ...place }), ...place }
}

/** That of a ClusterTrustBundle begins with its signer's, as in `example.com:signer:name`. */
const isNameOf = (kind: string, text: unknown): text is string =>
  typeof text === 'string' && (kind === 'ClusterTrustBundle' ? text.split(':').every(isName) : isName(text))

const isName = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= 253 && dnsSubdomain.test(text)

// Of our own making; every uid of a folder's object hangs on it, so it never changes.
const uidNamespace = Buffer.from('6f1d4c2e8a9b5e37b0c4d1a29f6e5830', 'hex')

/** UUIDv5 (RFC 9562, 5.5) of the key: the same after every restart and on every machine. */
export function uidOf(key: string): string {
  const hash = createHash('sha1').update(uidNamespace).update(key).digest().subarray(0, 16)
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = hash.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
