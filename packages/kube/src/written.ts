// What became of a write. What the server answers about the object is a value; that it does not answer, or that our
// account may not, is a fault.
import { Fault } from '@penstock/fault'
import { ApiFault } from './api-fault.ts'
import type { ApiObject } from './api-object.ts'

export type Written =
  | { readonly is: 'written'; readonly object: ApiObject }
  /** Nothing was sent: it is so already, or no more wanted. */
  | { readonly is: 'unchanged' }
  /** No such object, or another one under its name. */
  | { readonly is: 'gone' }
  /** Others own these fields, or a precondition does not hold. */
  | { readonly is: 'conflict'; readonly message: string; readonly fields: readonly string[] }
  /** The server finds it invalid: the same again is useless. */
  | { readonly is: 'refused'; readonly status: number; readonly message: string }

export const unchanged: Written = { is: 'unchanged' }
export const gone: Written = { is: 'gone' }

/** The value of an answer that is not a success; throws what is none. */
export function writtenBy(thrown: unknown): Written {
  if (!(thrown instanceof ApiFault)) throw thrown
  const { status, message, details } = thrown
  // Only a Status that names an object speaks of one; anything else says that the kind is not served.
  if (status === 404 && details?.name !== undefined) return gone
  if (status === 409) {
    const fields = (details?.causes ?? []).flatMap(({ field }) => (field === undefined ? [] : [field]))
    return fields.length === 0 && aboutUid.test(message) ? gone : { is: 'conflict', message, fields }
  }
  if (status === 422 && details?.causes?.every(({ field }) => field === 'metadata.uid')) return gone
  if (invalidStatus.has(status) || wrongType.test(message)) return { is: 'refused', status, message }
  throw thrown
}

const invalidStatus: ReadonlySet<number> = new Set([400, 413, 422])

/** An apply with a value of another type than the schema's is answered with a bare 500. */
const wrongType = /failed to create typed patch object/

/** The API server has no other sign that it is another object's uid. Names, which it says too, have no spaces. */
const aboutUid = /\bUID in (?:the )?precondition\b|\buid mismatch: /

/** A write that was made for an older version of its object: to be made anew. */
export function staleRead(thrown: unknown): Fault | undefined {
  if (!(thrown instanceof ApiFault) || thrown.status !== 409 || aboutUid.test(thrown.message)) return undefined
  return new Fault('kube_busy', thrown.message, { cause: thrown })
}
