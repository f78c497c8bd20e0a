// What stands where no GatewayConfig says anything of the proxies.
import type { ProxyParameters } from './gen/penstock/bus/v1/infra.ts'

/** As a rule a proxy takes 5 s to end: it is over as soon as no client is left. */
export const defaultDrainSeconds = 30

/** Every field unset. */
export const unsetParameters: ProxyParameters = {
  image: '',
  workload: '',
  resourcesJson: '',
  bootstrapJson: '',
  overlays: [],
}
