// Any message of a data plane as JSON and back, by the descriptors that its types were generated from, nested Any's
// included.
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
import { descriptors } from '@penstock/plane-agentgateway/messages'

/** Every `typeUrl` is `type.googleapis.com/<message>`; a type that no descriptor names is an error. */
interface Messages {
  toJson(typeUrl: string, bytes: Uint8Array): JsonValue
  /** Throws on a field that the message does not have, too. */
  fromJson(typeUrl: string, json: object): Uint8Array
}

function readMessages(image: URL): Messages {
  let read: FileRegistry | undefined
  const registry = (): FileRegistry => {
    read ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(image)))
    return read
  }
  const schemaOf = (typeUrl: string): DescMessage => {
    const schema = registry().getMessage(typeUrl.slice(typeUrl.indexOf('/') + 1))
    if (!schema) throw new Error(`${typeUrl}: no such message in the generated descriptors`)
    return schema
  }
  return {
    toJson(typeUrl, bytes) {
      const schema = schemaOf(typeUrl)
      return toJson(schema, fromBinary(schema, bytes), { registry: registry() })
    },
    fromJson(typeUrl, json) {
      const schema = schemaOf(typeUrl)
      return toBinary(schema, fromJson(schema, json as JsonValue, { registry: registry() }))
    },
  }
}

const envoy = readMessages(new URL('../../plane-envoy/gen/envoy.binpb', import.meta.url))

export const { toJson: envoyJson, fromJson: envoyBytes } = envoy
export const { toJson: agentgatewayJson } = readMessages(descriptors)
