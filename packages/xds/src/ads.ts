// The Aggregated Discovery Service as gRPC sees it. Responses are bytes already: gRPC sends them as they are.
import type { handleBidiStreamingCall, ServiceDefinition } from '@grpc/grpc-js'
import { DeltaDiscoveryRequest } from './gen/envoy/service/discovery/v3/discovery.ts'

const service = '/envoy.service.discovery.v3.AggregatedDiscoveryService'

const identity = (bytes: Buffer): Buffer => bytes

const stream = { requestStream: true, responseStream: true, responseSerialize: identity, responseDeserialize: identity }

export const adsService = {
  deltaAggregatedResources: {
    ...stream,
    path: `${service}/DeltaAggregatedResources`,
    requestSerialize: (request: DeltaDiscoveryRequest) => Buffer.from(DeltaDiscoveryRequest.encode(request).finish()),
    requestDeserialize: (bytes: Buffer) => DeltaDiscoveryRequest.decode(bytes),
  },
  streamAggregatedResources: {
    ...stream,
    path: `${service}/StreamAggregatedResources`,
    requestSerialize: identity,
    requestDeserialize: identity,
  },
} as const satisfies ServiceDefinition

export interface AdsHandlers {
  [method: string]: handleBidiStreamingCall<DeltaDiscoveryRequest, Buffer> | handleBidiStreamingCall<Buffer, Buffer>
  deltaAggregatedResources: handleBidiStreamingCall<DeltaDiscoveryRequest, Buffer>
  streamAggregatedResources: handleBidiStreamingCall<Buffer, Buffer>
}
