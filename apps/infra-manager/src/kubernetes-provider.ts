// Proxies as objects in Kubernetes, made by the infra-manager that leads.
import type { Bus } from '@penstock/bus'
import { Fault } from '@penstock/fault'
import type { Kube } from '@penstock/kube'
import { createFleetBuilder } from './fleet-builder.ts'
import type { Provider, ProviderEvents } from './provider.ts'
import { proxyContainer } from './proxy-container.ts'
import { proxyObjects } from './proxy-objects.ts'
import type { InfraConfig } from './settings.ts'

export interface KubernetesProviderOptions extends ProviderEvents {
  readonly bus: Pick<Bus, 'lead'>
  readonly kube: Kube
  readonly config: InfraConfig
}

export function createKubernetesProvider({ bus, kube, config, ...events }: KubernetesProviderOptions): Provider {
  const stack = new AsyncDisposableStack()
  const closing = new AbortController()
  const { install, namespaces, writesPerSecond } = config
  const lead = bus.lead({ onLead: () => builder.lead(), onFollow: () => builder.follow() })
  const writer = kube.writer({
    fieldManager: 'penstock-infra-manager',
    guard() {
      if (!lead.held) throw new Fault('lease_lost', 'another infra-manager leads')
    },
    writesPerSecond,
    burst: writesPerSecond * 2,
    signal: closing.signal,
  })
  const builder = createFleetBuilder({
    ...{ ...events, kube, install, namespaces, writer },
    objectsOf: (infra) => proxyObjects(infra, { install, proxy: proxyContainer(infra, config) }),
  })
  stack.use(builder)
  stack.defer(() => closing.abort(new Fault('lease_lost', 'this infra-manager ends')))
  stack.use(lead)
  const resync = setInterval(() => builder.applyAll(), config.resyncMs)
  stack.defer(() => clearInterval(resync))
  return {
    want: (fleet, infra) => builder.want(fleet, infra),
    begin: () => builder.begin(),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
