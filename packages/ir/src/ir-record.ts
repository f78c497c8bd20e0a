// Every kind of IR record in one table: the union, and how a record becomes bytes.
import { Backend, Endpoints } from './gen/penstock/ir/v1/backend.ts'
import { Certificate } from './gen/penstock/ir/v1/certificate.ts'
import { Fleet, Gateway } from './gen/penstock/ir/v1/fleet.ts'
import { HttpRule } from './gen/penstock/ir/v1/http_rule.ts'
import { Listener } from './gen/penstock/ir/v1/listener.ts'
import { TrustBundle } from './gen/penstock/ir/v1/trust_bundle.ts'

const codecs = {
  fleet: Fleet,
  gateway: Gateway,
  listener: Listener,
  http_rule: HttpRule,
  backend: Backend,
  endpoints: Endpoints,
  certificate: Certificate,
  trust_bundle: TrustBundle,
}

export type IrKind = keyof typeof codecs

/** A record with its kind, so that a switch over `kind` is exhaustive for the compiler. */
export type IrRecord = { [K in IrKind]: { kind: K; value: ReturnType<(typeof codecs)[K]['decode']> } }[IrKind]

export const irKinds = Object.keys(codecs) as IrKind[]

/** The record's bytes. Equal records give equal bytes: fields in order of number, map entries as given, so sort them. */
export function encodeIrRecord(record: IrRecord): Uint8Array {
  const codec = codecs[record.kind] as { encode(value: unknown): { finish(): Uint8Array } }
  return codec.encode(record.value).finish()
}

/** Throws on bytes that are no message of this kind. */
export function decodeIrRecord(kind: IrKind, bytes: Uint8Array): IrRecord {
  return { kind, value: codecs[kind].decode(bytes) } as IrRecord
}
