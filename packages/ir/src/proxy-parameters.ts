// What stands where no GatewayConfig says anything of the proxies.
import type { ProxyParameters } from './gen/penstock/bus/v1/infra.ts'

/** Every field unset. */
export const unsetParameters: ProxyParameters = {
  image: '',
  workload: '',
  resourcesJson: '',
  bootstrapJson: '',
  overlays: [],
}
