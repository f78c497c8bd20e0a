// The xDS protocol over opaque bytes: streams, subscriptions, make-before-break. Knows no plane.
export { type Peer, type PeerIdentity } from './admission.ts'
export { createDeltaClient, type DeltaClient, type DeltaClientOptions } from './delta-client.ts'
export {
  createDeltaChannel,
  type DeltaChannel,
  type DeltaRequest,
  type DeltaResponse,
  type DeltaStream,
  encodeDeltaRequest,
} from './delta-stream.ts'
export { type ResourceChange } from './fleet.ts'
export { type XdsEvents } from './fleets.ts'
export { type ServerTls } from './front-door.ts'
export { type ProxyNode } from './proxy-node.ts'
export { type ProxyState, type Rejection } from './proxy-state.ts'
export { defaultXdsSettings, type XdsSettings } from './settings.ts'
export { type ResourceType, type TypePhase } from './type-phase.ts'
export { createXdsServer, type XdsServer, type XdsServerOptions } from './xds-server.ts'
