// What an xds-server can be told.
import { type DeliveryConfig, deliverySettings } from '@penstock/delivery'
import { defaultSharedFrom } from '@penstock/plane-envoy'
import { integer, type SettingsTable } from '@penstock/service'

export interface XdsServerConfig extends DeliveryConfig {
  sharedFrom: number
}

export const settings: SettingsTable<XdsServerConfig> = {
  ...deliverySettings,
  sharedFrom: {
    env: 'PENSTOCK_SHARED_FROM',
    parse: integer(1, 1_000_000),
    default: defaultSharedFrom,
    sentence:
      'From so many HTTPS hostnames on a port they share a filter chain, with certificates by SNI; the same on every replica.',
  },
}
