// What an infra-manager can be told.
import { type ConnectionConfig, connectionSettings } from '@penstock/bus'
import { type KubeConfig, kubeSettings } from '@penstock/kube'
import { instanceSetting, integer, list, matching, oneOf, type SettingsTable, text } from '@penstock/service'

export interface InfraConfig extends Pick<ConnectionConfig, 'install'> {
  instance: string
  namespaces: readonly string[]
  xdsAddress: string
  envoyImage: string
  agentgatewayXdsAddress: string
  agentgatewayImage: string
  /** Empty: proxies without an identity. */
  identityCa: string
  identityValidMs: number
  writesPerSecond: number
  resyncMs: number
}

export interface HostConfig extends Pick<InfraConfig, 'xdsAddress'> {
  hostData: string
  envoyProgram: string
}

export interface InfraManagerConfig extends ConnectionConfig, KubeConfig, InfraConfig, HostConfig {
  provider: 'kubernetes' | 'host'
}

const address = matching('^[^\\s:/]+:\\d{1,5}$', 'host:port')

export const settings: SettingsTable<InfraManagerConfig> = {
  ...connectionSettings,
  ...kubeSettings,
  instance: instanceSetting,
  namespaces: {
    env: 'PENSTOCK_WATCH_NAMESPACES',
    parse: list,
    default: [],
    sentence:
      'The namespaces whose proxies are looked after, separated by commas; none: all of them. As the watcher’s.',
  },
  provider: {
    env: 'PENSTOCK_INFRA_PROVIDER',
    parse: oneOf('kubernetes', 'host'),
    default: 'kubernetes',
    sentence: 'Where proxies run: kubernetes, or host: as processes of this machine, on loopback addresses.',
  },
  hostData: {
    env: 'PENSTOCK_HOST_DATA',
    parse: text,
    default: 'penstock-host',
    sentence: 'On a host: the folder for addresses, logs and files of proxies; one infra-manager has it to itself.',
  },
  envoyProgram: {
    env: 'PENSTOCK_ENVOY_PROGRAM',
    parse: text,
    default: 'envoy',
    sentence: 'On a host: the program Envoy, a file or a name on the PATH.',
  },
  xdsAddress: {
    env: 'PENSTOCK_XDS_ADDRESS',
    parse: address,
    default: 'xds-server.penstock-system.svc:18000',
    sentence: 'Where Envoys find their xds-server, as host:port.',
  },
  envoyImage: {
    env: 'PENSTOCK_ENVOY_IMAGE',
    parse: text,
    default: 'docker.io/envoyproxy/envoy:v1.40.0',
    sentence: 'The image of Envoy, where no GatewayConfig names one.',
  },
  agentgatewayXdsAddress: {
    env: 'PENSTOCK_AGENTGATEWAY_XDS_ADDRESS',
    parse: address,
    default: 'agentgateway-server.penstock-system.svc:18100',
    sentence: 'Where agentgateways find their agentgateway-server, as host:port.',
  },
  agentgatewayImage: {
    env: 'PENSTOCK_AGENTGATEWAY_IMAGE',
    parse: text,
    default: 'ghcr.io/agentgateway/agentgateway:v1.4.1',
    sentence: 'The image of agentgateway, where no GatewayConfig names one.',
  },
  identityCa: {
    env: 'PENSTOCK_IDENTITY_CA',
    parse: text,
    default: '',
    sentence: 'A folder with ca.crt and ca.key, which sign the identities of proxies; empty: they have none.',
  },
  identityValidMs: {
    env: 'PENSTOCK_IDENTITY_VALID_MS',
    parse: integer(60_000, 31_536_000_000),
    default: 86_400_000,
    sentence: 'How long an identity of a proxy is valid, in milliseconds; renewed after two thirds of it.',
  },
  writesPerSecond: {
    env: 'PENSTOCK_INFRA_WRITES_PER_SECOND',
    parse: integer(1, 10_000),
    default: 50,
    sentence: 'Requests to Kubernetes in a second, and twice as many at once.',
  },
  resyncMs: {
    env: 'PENSTOCK_INFRA_RESYNC_MS',
    parse: integer(1_000, 86_400_000),
    default: 600_000,
    sentence: 'Between two times that everything is applied, changed or not, in milliseconds.',
  },
}
