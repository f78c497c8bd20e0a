// What every server of proxies can be told.
import { type ConnectionConfig, connectionSettings } from '@penstock/bus'
import { instanceSetting, port, type SettingsTable, text } from '@penstock/service'

export interface DeliveryConfig extends ConnectionConfig {
  xdsHost: string
  xdsPort: number
  instance: string
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
  sealingKeys: {
    env: 'PENSTOCK_SEALING_KEYS',
    parse: text,
    default: '',
    sentence:
      'The file of the keys that private keys on the bus are sealed with; empty: no HTTPS listener can be served.',
  },
}
