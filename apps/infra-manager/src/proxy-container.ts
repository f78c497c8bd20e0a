// The container of a fleet's proxies, by its plane.
import { Fault } from '@penstock/fault'
import type { Infra, PlaneName, Source } from '@penstock/ir'
import { agentgatewayContainer } from './agentgateway-container.ts'
import { envoyContainer } from './envoy-container.ts'
import type { ProxyContainer } from './proxy-workload.ts'
import type { InfraConfig } from './settings.ts'

/** What proxies with an identity have to know of who issues it. */
export interface IdentityParts {
  readonly caPem: string
  readonly drainKey: string
}

export interface ContainerConfig
  extends Pick<InfraConfig, 'xdsAddress' | 'envoyImage' | 'agentgatewayXdsAddress' | 'agentgatewayImage'> {
  readonly identity?: IdentityParts
}

type WantedProxy = Pick<Infra, 'fleet' | 'parameters'> & { readonly source: Source }

const containers: { readonly [P in PlaneName]: (infra: WantedProxy, config: ContainerConfig) => ProxyContainer } = {
  envoy: envoyContainer,
  agentgateway: (infra, { agentgatewayXdsAddress: xdsAddress, agentgatewayImage: image, ...config }) =>
    agentgatewayContainer(infra, { ...config, xdsAddress, image }),
}

/** Throws a fault for a plane of a newer translator: its proxies go on as they are. */
export function proxyContainer(infra: WantedProxy & Pick<Infra, 'plane'>, config: ContainerConfig): ProxyContainer {
  if (!Object.hasOwn(containers, infra.plane)) {
    throw new Fault('record_unreadable', `no proxies of the plane ${infra.plane} are known`)
  }
  return containers[infra.plane as PlaneName](infra, config)
}
