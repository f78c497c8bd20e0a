// What is remembered of an identity, in an annotation of its fleet's account, since its Secret is never read: which version
// of the Secret we wrote, what it was made for, and until when it serves. Whoever may write the account may write anything
// there: at worst an identity is made anew, or not renewed in time.
import { createHash } from 'node:crypto'
import type { Authority } from '@penstock/identity/authority'
import type { ApiObject } from '@penstock/kube'
import { isObject, objectOf } from './json-merge.ts'
import { identityAnnotation } from './owned-kinds.ts'

export interface IdentityRecord {
  readonly uid: string
  readonly resourceVersion: string
  /** Since 1970. */
  readonly renewAtMs: number
  /** Of all that it was made for. */
  readonly print: string
}

/** Undefined: none, or what we have not written. */
export function recordOf({ metadata }: ApiObject): IdentityRecord | undefined {
  const { uid, resourceVersion, renewAtMs, print } = contentOf(metadata.annotations?.[identityAnnotation])
  if (typeof uid !== 'string' || typeof print !== 'string' || typeof renewAtMs !== 'number') return undefined
  if (typeof resourceVersion !== 'string' || !version.test(resourceVersion)) return undefined
  return { uid, resourceVersion, renewAtMs, print }
}

/** The API server takes 0 for any, and fails at what is no number of 64 bits. */
const version = /^[1-9][0-9]{0,17}$/

function contentOf(text = '{}'): Record<string, unknown> {
  try {
    return objectOf(text)
  } catch {
    return {}
  }
}

/** The same for equal content, whatever the order of fields. */
export function printOf(content: unknown): string {
  const text = JSON.stringify(content, (_, value: unknown) => (isObject(value) ? sorted(value) : value))
  return createHash('sha256').update(text).digest('base64')
}

const sorted = (object: object): object =>
  Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** Once two thirds of its life are over; but nothing lives longer than its authority, and another would end no later. */
export function renewalMs(expiresMs: number, { notAfterMs }: Pick<Authority, 'notAfterMs'>, validMs: number): number {
  return expiresMs >= notAfterMs - 1_000 ? expiresMs : expiresMs - validMs / 3
}
