// What a status-reporter can be told.
import { type ConnectionConfig, connectionSettings } from '@penstock/bus'
import { type KubeConfig, kubeSettings } from '@penstock/kube'
import { integer, type SettingsTable, text } from '@penstock/service'

export interface StatusReporterConfig extends ConnectionConfig, KubeConfig {
  status: string
  controllerName: string
  gatewayAddress: string
  noProxyMs: number
  settleMs: number
  writesPerSecond: number
  resyncMs: number
}

export const settings: SettingsTable<StatusReporterConfig> = {
  ...connectionSettings,
  ...kubeSettings,
  status: {
    env: 'PENSTOCK_STATUS',
    parse: text,
    default: '',
    sentence:
      'The folder that gets one status file for each object, and holds nothing else; empty: they go to Kubernetes.',
  },
  controllerName: {
    env: 'PENSTOCK_CONTROLLER_NAME',
    parse: text,
    default: 'penstock.dev/gateway-controller',
    sentence: 'The controllerName under which a route is told how each parent sees it.',
  },
  gatewayAddress: {
    env: 'PENSTOCK_GATEWAY_ADDRESS',
    parse: text,
    default: '',
    sentence: 'The address of every Gateway, where Penstock does not run the proxies; empty: as who runs them says.',
  },
  noProxyMs: {
    env: 'PENSTOCK_NO_PROXY_MS',
    parse: integer(0, 3_600_000),
    default: 60_000,
    sentence: 'How long a fleet may have no proxy before its Gateway is said to be not programmed, in milliseconds.',
  },
  settleMs: {
    env: 'PENSTOCK_STATUS_SETTLE_MS',
    parse: integer(0, 60_000),
    default: 200,
    sentence: 'How long a route waits for the answer of its proxies before it is said to be pending, in milliseconds.',
  },
  writesPerSecond: {
    env: 'PENSTOCK_STATUS_WRITES_PER_SECOND',
    parse: integer(1, 10_000),
    default: 100,
    sentence: 'Requests to Kubernetes in a second, and twice as many at once.',
  },
  resyncMs: {
    env: 'PENSTOCK_STATUS_RESYNC_MS',
    parse: integer(1_000, 86_400_000),
    default: 600_000,
    sentence: 'Between two looks at what stands in every status, which others may have changed, in milliseconds.',
  },
}
