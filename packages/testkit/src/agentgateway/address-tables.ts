// Services and what is behind them.
import { NamespacedHostname } from './reference-tables.ts'
import {
  bool,
  bytes,
  enumeration,
  many,
  map,
  may,
  message,
  one,
  oneOf,
  opaque,
  string,
  uint32,
  type ValueOf,
} from './wire.ts'

const NetworkAddress = message('NetworkAddress', {
  network: one(1, string),
  address: one(2, bytes),
  length: may(3, uint32),
})

const GatewayAddress = message('GatewayAddress', {
  destination: oneOf({ hostname: [1, NamespacedHostname], address: [2, NetworkAddress] }),
  hboneMtlsPort: one(3, uint32),
})

export const Port = message('Port', {
  servicePort: one(1, uint32),
  targetPort: one(2, uint32),
  /** UNKNOWN 0, HTTP11 1, HTTP2 2, GRPC 3, TCP 4, TLS 5 */
  appProtocol: one(3, enumeration),
})

export const LoadBalancing = message('LoadBalancing', {
  /** REGION 1, ZONE 2, SUBZONE 3, NODE 4, CLUSTER 5, NETWORK 6 */
  routingPreference: many(1, enumeration),
  /** UNSPECIFIED_MODE 0, STRICT 1, FAILOVER 2, PASSTHROUGH 3 */
  mode: one(2, enumeration),
  /** ONLY_HEALTHY 0, ALLOW_ALL 1 */
  healthPolicy: one(3, enumeration),
})

export const Service = message('Service', {
  name: one(1, string),
  namespace: one(2, string),
  hostname: one(3, string),
  addresses: many(4, NetworkAddress),
  ports: many(5, Port),
  subjectAltNames: many(6, string),
  waypoint: may(7, GatewayAddress),
  loadBalancing: may(8, LoadBalancing),
  /** AUTOMATIC 0, IPV4_ONLY 1, IPV6_ONLY 2, DUAL 3 */
  ipFamilies: one(9, enumeration),
  extensions: many(10, opaque),
  canonical: one(11, bool),
  ingressUseWaypoint: one(12, bool),
  weightedWaypoints: many(
    13,
    message('WeightedWaypoint', { destination: may(1, GatewayAddress), weight: one(2, uint32) }),
  ),
  visibility: one(14, enumeration),
})

export const Locality = message('Locality', { region: one(1, string), zone: one(2, string), subzone: one(3, string) })

export const Workload = message('Workload', {
  name: one(1, string),
  namespace: one(2, string),
  addresses: many(3, bytes),
  network: one(4, string),
  /** NONE 0, HBONE 1, LEGACY_ISTIO_MTLS 2 */
  tunnelProtocol: one(5, enumeration),
  trustDomain: one(6, string),
  serviceAccount: one(7, string),
  waypoint: may(8, GatewayAddress),
  node: one(9, string),
  canonicalName: one(10, string),
  canonicalRevision: one(11, string),
  workloadType: one(12, enumeration),
  workloadName: one(13, string),
  nativeTunnel: one(14, bool),
  authorizationPolicies: many(16, string),
  /** HEALTHY 0, UNHEALTHY 1 */
  status: one(17, enumeration),
  clusterId: one(18, string),
  networkGateway: may(19, GatewayAddress),
  uid: one(20, string),
  hostname: one(21, string),
  services: map(22, message('PortList', { ports: many(1, Port) })),
  applicationTunnel: may(23, opaque),
  locality: may(24, Locality),
  /** STANDARD 0, HOST_NETWORK 1 */
  networkMode: one(25, enumeration),
  extensions: many(26, opaque),
  capacity: may(27, message('UInt32Value', { value: one(1, uint32) })),
})

export const Address = message('Address', { type: oneOf({ workload: [1, Workload], service: [2, Service] }) })

export type Address = ValueOf<typeof Address>
export type Service = ValueOf<typeof Service>
export type Workload = ValueOf<typeof Workload>
export type GatewayAddress = ValueOf<typeof GatewayAddress>
