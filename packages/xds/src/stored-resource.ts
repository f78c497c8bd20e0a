// A resource as it goes over the wire: encoded once, shared by every stream that sends it.
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { DeltaDiscoveryResponse, Resource } from './gen/envoy/service/discovery/v3/discovery.ts'

export interface StoredResource {
  readonly version: string
  /** A whole `envoy.service.discovery.v3.Resource`. */
  readonly encoded: Uint8Array
}

/** What one response tells of names: the resource, or (undefined) that there is none. */
export type Batch = Map<string, StoredResource | undefined>

/** `body` is the encoded message, not the Any around it. */
export function storeResource(
  typeUrl: string,
  name: string,
  resource: { version: string; body: Uint8Array },
): StoredResource {
  const { version, body } = resource
  return { version, encoded: Resource.encode({ name, version, resource: { typeUrl, value: body } }).finish() }
}

/** What one proxy gets in place of a body. */
export type OwnBody = (typeUrl: string, body: Uint8Array) => Uint8Array

const noBytes = new Uint8Array()

/** The batch as one proxy gets it. */
export function ownBatch(typeUrl: string, batch: Batch, ownBody: OwnBody): Batch {
  return new Map(
    [...batch].map(([name, stored]) => {
      if (stored === undefined) return [name, stored]
      const { resource } = Resource.decode(stored.encoded)
      return [
        name,
        storeResource(typeUrl, name, { version: stored.version, body: ownBody(typeUrl, resource?.value ?? noBytes) }),
      ]
    }),
  )
}

export interface ResponseHead {
  typeUrl: string
  nonce: string
  /** For humans: proxies show it in their dumps. */
  systemVersion: string
  identifier: string
}

/** The bytes of a DeltaDiscoveryResponse; resources are copied in as they are. */
export function encodeResponse(head: ResponseHead, batch: Batch): Buffer {
  const { typeUrl, nonce, systemVersion: systemVersionInfo, identifier } = head
  const removedResources: string[] = []
  const writer = new BinaryWriter()
  for (const [name, resource] of batch) {
    if (resource) writer.uint32(18).bytes(resource.encoded)
    else removedResources.push(name)
  }
  const controlPlane = identifier === '' ? undefined : { identifier }
  DeltaDiscoveryResponse.encode({ typeUrl, nonce, systemVersionInfo, removedResources, controlPlane }, writer)
  const bytes = writer.finish()
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
