// What every server of proxies can be told.
import { type ConnectionConfig, connectionSettings } from '@penstock/bus'
import { instanceSetting, integer, port, type SettingsTable, text } from '@penstock/service'

export interface DeliveryConfig extends ConnectionConfig {
  xdsHost: string
  xdsPort: number
  instance: string
  connectionAgeMs: number
  drainMs: number
  sealingKeys: string
}

export const deliverySettings: SettingsTable<DeliveryConfig> = {
  ...connectionSettings,
  xdsHost: {
    env: 'PENSTOCK_XDS_HOST',
    parse: text,
    default: '127.0.0.1',
    sentence: 'The address on which proxies are served; 0.0.0.0 where they are on other machines.',
  },
  xdsPort: {
    env: 'PENSTOCK_XDS_PORT',
    parse: port,
    default: 18_000,
    sentence: 'The port on which proxies are served.',
  },
  instance: instanceSetting,
  connectionAgeMs: {
    env: 'PENSTOCK_XDS_CONNECTION_AGE_MS',
    parse: integer(0, 86_400_000),
    default: 1_800_000,
    sentence:
      'After how long a proxy is sent to another replica, give or take a fifth, in milliseconds, so that a new replica gets its share; 0: never.',
  },
  drainMs: {
    env: 'PENSTOCK_XDS_DRAIN_MS',
    parse: integer(0, 600_000),
    default: 3_000,
    sentence:
      'Within how long the proxies are sent elsewhere, one after the other, when this ends, in milliseconds; well below PENSTOCK_SHUTDOWN_MS.',
  },
  sealingKeys: {
    env: 'PENSTOCK_SEALING_KEYS',
    parse: text,
    default: '',
    sentence:
      'The file of the keys that private keys on the bus are sealed with; empty: no HTTPS listener can be served.',
  },
}
