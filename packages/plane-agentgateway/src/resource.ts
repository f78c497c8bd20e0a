// What a proxy gets: bytes, and a version that is a function of nothing but these bytes, so that every replica, before
// and after a restart, names the same content the same and a proxy that reconnects is sent nothing.
import { createHash } from 'node:crypto'
import { Resource as ResourceMessage } from './gen/agentgateway/resource.ts'
import { Address } from './gen/agentgateway/workload.ts'

export interface Resource {
  /** The first 64 bits of the body's SHA-256, in hex. */
  readonly version: string
  /** The encoded message, not the Any around it. */
  readonly body: Uint8Array
}

/** A resource, and the keys of the records that it is made of. */
export interface Emitted {
  readonly resource: Resource
  readonly from: readonly string[]
  /** Those among them whose object a refusal is told. Absent: all. */
  readonly owners?: readonly string[]
}

export const encodeAddress = (type: NonNullable<Address['type']>): Resource =>
  toResource(Address.encode({ type }).finish())

export const encodeKind = (kind: NonNullable<ResourceMessage['kind']>): Resource =>
  toResource(ResourceMessage.encode({ kind }).finish())

function toResource(body: Uint8Array): Resource {
  return { version: createHash('sha256').update(body).digest('hex').slice(0, 16), body }
}
