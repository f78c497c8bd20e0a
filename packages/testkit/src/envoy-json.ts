// Any Envoy message as JSON and back, by the descriptors that its types were generated from, nested Any's included.
import { readFileSync } from 'node:fs'
import {
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'

let registry: FileRegistry | undefined

function descriptors(): FileRegistry {
  const image = new URL('../../plane-envoy/gen/envoy.binpb', import.meta.url)
  registry ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(image)))
  return registry
}

/** `typeUrl` is `type.googleapis.com/<message>`. Throws on a type that no descriptor names. */
export function envoyJson(typeUrl: string, bytes: Uint8Array): JsonValue {
  const schema = schemaOf(typeUrl)
  return toJson(schema, fromBinary(schema, bytes), { registry: descriptors() })
}

/** Throws on a field that the message does not have, too. */
export function envoyBytes(typeUrl: string, json: object): Uint8Array {
  const schema = schemaOf(typeUrl)
  return toBinary(schema, fromJson(schema, json as JsonValue, { registry: descriptors() }))
}

function schemaOf(typeUrl: string): DescMessage {
  const schema = descriptors().getMessage(typeUrl.slice(typeUrl.indexOf('/') + 1))
  if (!schema) throw new Error(`${typeUrl}: no such message in the generated descriptors`)
  return schema
}
