// What an agentgateway-server can be told.
import { type DeliveryConfig, deliverySettings } from '@penstock/delivery'
import { type SettingsTable, text } from '@penstock/service'

export interface AgentgatewayServerConfig extends DeliveryConfig {
  fleet: string
}

export const settings: SettingsTable<AgentgatewayServerConfig> = {
  ...deliverySettings,
  xdsPort: { ...deliverySettings.xdsPort, default: 18_100 },
  fleet: {
    env: 'PENSTOCK_FLEET',
    parse: text,
    default: '',
    sentence:
      'The one fleet that every proxy is of, `<fleet>-agentgateway` where the translator has PENSTOCK_FLEET; empty: a proxy ' +
      'says by its role which Gateway it serves.',
  },
}
