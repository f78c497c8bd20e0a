// Any Envoy message as JSON, read with the descriptors that its types were generated from, nested Any's included.
import { readFileSync } from 'node:fs'
import { createFileRegistry, type FileRegistry, fromBinary, type JsonValue, toJson } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'

let registry: FileRegistry | undefined

function descriptors(): FileRegistry {
  const image = new URL('../../plane-envoy/gen/envoy.binpb', import.meta.url)
  registry ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(image)))
  return registry
}

/** `typeUrl` is `type.googleapis.com/<message>`. Throws on a type that no descriptor names. */
export function envoyJson(typeUrl: string, bytes: Uint8Array): JsonValue {
  const name = typeUrl.slice(typeUrl.indexOf('/') + 1)
  const schema = descriptors().getMessage(name)
  if (!schema) throw new Error(`${typeUrl}: no such message in the generated descriptors`)
  return toJson(schema, fromBinary(schema, bytes), { registry: descriptors() })
}
