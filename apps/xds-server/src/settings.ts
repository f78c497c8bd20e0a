// What an xds-server can be told: no more than any server of proxies.
export { type DeliveryConfig as XdsServerConfig, deliverySettings as settings } from '@penstock/delivery'
