// JSON for a person who debugs: also shows what JSON has no form for, and never what must stay secret, whatever page it
// stands on: private keys, sealed boxes, the values of a Secret. Bytes may hold any of it, so they show size and hash.
import { hash } from 'node:crypto'

export function debugJson(value: unknown): string {
  return JSON.stringify(shown(value), undefined, 2)
}

function shown(value: unknown): unknown {
  if (typeof value === 'string') return holdsPrivateKey(value) ? '(private key)' : value
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return `(${value.length} bytes, sha256 ${hash('sha256', value).slice(0, 12)})`
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (value instanceof Set || Array.isArray(value)) return [...(value as Iterable<unknown>)].map(shown)
  const members = value instanceof Map ? [...(value as Map<string, unknown>)] : Object.entries(value)
  const secret = secretMembers(value)
  return Object.fromEntries(members.map(([name, each]) => [name, secret.has(name) ? hidden(each) : shown(each)]))
}

/** A sealed value is an object of key id and box. */
function secretMembers(value: object): ReadonlySet<string> {
  if ('keyId' in value && 'box' in value) return new Set(['box'])
  return new Set('kind' in value && value.kind === 'Secret' ? ['data', 'stringData'] : [])
}

/** Names without their values. */
function hidden(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return '(hidden)'
  return Object.fromEntries(Object.keys(value).map((name) => [name, '(hidden)']))
}

// What PEM begins with, in base64.
const encodedPem = 'LS0tLS1CRUdJTi'

function holdsPrivateKey(text: string): boolean {
  const plain = text.startsWith(encodedPem) ? Buffer.from(text, 'base64').toString('latin1') : text
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(plain)
}
