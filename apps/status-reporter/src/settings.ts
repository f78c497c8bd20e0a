// What a status-reporter can be told.
import { type ConnectionConfig, connectionSettings } from '@penstock/bus'
import { integer, type SettingsTable, text } from '@penstock/service'

export interface StatusReporterConfig extends ConnectionConfig {
  status: string
  controllerName: string
  gatewayAddress: string
  noProxyMs: number
}

export const settings: SettingsTable<StatusReporterConfig> = {
  ...connectionSettings,
  status: {
    env: 'PENSTOCK_STATUS',
    parse: text,
    sentence: 'The folder that gets one status file for each object; it holds nothing else.',
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
    default: '127.0.0.1',
    sentence: 'The address of every Gateway, where proxies are not managed by Penstock.',
  },
  noProxyMs: {
    env: 'PENSTOCK_NO_PROXY_MS',
    parse: integer(0, 3_600_000),
    default: 60_000,
    sentence: 'How long a fleet may have no proxy before its Gateway is said to be not programmed, in milliseconds.',
  },
}
