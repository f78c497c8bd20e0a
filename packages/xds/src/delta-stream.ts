// Incremental ADS as a proxy sees it: requests out, responses in, nothing decided.
import { type ChannelCredentials, Client, credentials, Metadata, type StatusObject } from '@grpc/grpc-js'
import { adsService } from './ads.ts'
import { type DeltaDiscoveryRequest, DeltaDiscoveryResponse } from './gen/envoy/service/discovery/v3/discovery.ts'

export type DeltaRequest = DeltaDiscoveryRequest

export interface DeltaResponse {
  typeUrl: string
  nonce: string
  resources: readonly { name: string; version: string; body: Uint8Array }[]
  removed: readonly string[]
  bytes: number
}

export interface DeltaChannelOptions {
  port: number
  host?: string
  /** Goes with every stream, such as a token. */
  metadata?: Readonly<Record<string, string>>
  /** PEM: what it trusts, and what it shows of itself. Absent: in the clear. */
  tls?: { readonly ca: string; readonly certificate?: string; readonly key?: string }
}

export interface DeltaEvents {
  onResponse(response: DeltaResponse): unknown
  onEnd(status: StatusObject): void
}

/** As it goes over the wire. */
export const encodeDeltaRequest = (request: DeltaRequest): Buffer =>
  adsService.deltaAggregatedResources.requestSerialize(request)

/** One server, and streams to it one after the other. */
export interface DeltaChannel {
  open(events: DeltaEvents): DeltaStream
  close(): void
}

export interface DeltaStream {
  send(request: DeltaRequest): void
  /** From here on nothing is told. */
  cancel(): void
}

export function createDeltaChannel(options: DeltaChannelOptions): DeltaChannel {
  const { port, host = '127.0.0.1', metadata = {}, tls } = options
  // A pool of its own: a shared one remembers that an earlier server at the same port is gone.
  const own = { 'grpc.max_receive_message_length': -1, 'grpc.use_local_subchannel_pool': 1 }
  const client = new Client(`${host}:${port}`, tls ? secure(tls) : credentials.createInsecure(), own)
  const { path, requestSerialize, responseDeserialize } = adsService.deltaAggregatedResources
  return {
    open(events) {
      const sent = new Metadata()
      for (const [name, value] of Object.entries(metadata)) sent.set(name, value)
      const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, sent)
      let isOver = false
      call.on('data', (bytes: Buffer) => {
        if (!isOver) events.onResponse(decode(bytes))
      })
      call.on('error', () => {})
      call.on('status', (status) => {
        if (!isOver) events.onEnd(status)
      })
      return {
        send: (request) => void call.write(request),
        cancel() {
          isOver = true
          call.cancel()
        },
      }
    },
    close: () => client.close(),
  }
}

function secure({ ca, certificate, key }: NonNullable<DeltaChannelOptions['tls']>): ChannelCredentials {
  const bytes = (pem: string | undefined): Buffer | null => (pem === undefined ? null : Buffer.from(pem))
  return credentials.createSsl(bytes(ca), bytes(key), bytes(certificate))
}

function decode(bytes: Buffer): DeltaResponse {
  const {
    typeUrl = '',
    nonce = '',
    resources = [],
    removedResources: removed = [],
  } = DeltaDiscoveryResponse.decode(bytes)
  const named = resources.map(({ name = '', version = '', resource }) => ({
    ...{ name, version, body: resource?.value ?? new Uint8Array() },
  }))
  return { typeUrl, nonce, resources: named, removed, bytes: bytes.length }
}
