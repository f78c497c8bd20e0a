// From IR to proxies and back, for any plane: what the servers of proxies have in common.
export { type DeliveredPlane, type Delivery, type DeliveryOptions, startDelivery } from './delivery.ts'
export { createKeyOpener } from './key-opener.ts'
export { createPlaneMetrics } from './plane-metrics.ts'
export { type DeliveryConfig, deliverySettings } from './settings.ts'
