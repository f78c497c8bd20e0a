// Proxies as objects in Kubernetes, made by the infra-manager that leads.
import { type Bus, channels } from '@penstock/bus'
import { Fault } from '@penstock/fault'
import type { Infrastructure } from '@penstock/ir'
import type { Kube } from '@penstock/kube'
import type { Logger } from '@penstock/telemetry'
import { createFleetBuilder } from './fleet-builder.ts'
import { createIdentitySecrets } from './identity-secrets.ts'
import { type IssuerFolder, openIssuer } from './issuer.ts'
import type { Provider, ProviderEvents } from './provider.ts'
import { type ContainerConfig, proxyContainer } from './proxy-container.ts'
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
  const told = createTold(events.onInfrastructure)
  const lead = bus.lead({
    after: [channels.infra],
    onLead() {
      builder.lead()
      identities?.open()
    },
    onFollow() {
      builder.follow()
      identities?.shut()
    },
  })
  const writer = kube.writer({
    fieldManager: 'penstock-infra-manager',
    guard() {
      if (!lead.held) throw new Fault('lease_lost', 'another infra-manager leads')
    },
    writesPerSecond,
    burst: writesPerSecond * 2,
    signal: closing.signal,
  })
  const onChange = (): void => {
    builder.applyAll()
    identities?.lookAtAll()
  }
  const folder = stack.use(openFolder(config, events.log, onChange))
  const identities =
    folder &&
    createIdentitySecrets({
      ...{ kube, install, writer, validMs: config.identityValidMs, nowMs: Date.now },
      authority: () => folder.issuer.authority,
      onProblem: told.problem,
    })
  if (identities) stack.use(identities)
  const builder = createFleetBuilder({
    ...{ ...events, kube, install, namespaces, writer },
    objectsOf: (infra) => proxyObjects(infra, { install, proxy: proxyContainer(infra, withIdentity(config, folder)) }),
    onInfrastructure(fleet, infrastructure) {
      told.infrastructure(fleet, infrastructure)
      if (infrastructure) identities?.look(fleet, infrastructure.replicasReady >= infrastructure.replicasWanted)
    },
  })
  stack.use(builder)
  stack.defer(() => closing.abort(new Fault('lease_lost', 'this infra-manager ends')))
  stack.use(lead)
  const resync = setInterval(onChange, config.resyncMs)
  stack.defer(() => clearInterval(resync))
  return {
    want(fleet, infra) {
      builder.want(fleet, infra)
      identities?.want(fleet, infra)
    },
    begin: () => builder.begin(),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Undefined: proxies have no identity. */
function openFolder({ identityCa, install }: InfraConfig, log: Logger, onChange: () => void): IssuerFolder | undefined {
  return identityCa === '' ? undefined : openIssuer({ folder: identityCa, install, log, nowMs: Date.now, onChange })
}

function withIdentity(config: InfraConfig, folder: IssuerFolder | undefined): ContainerConfig {
  if (!folder) return config
  const { authority, drainKey } = folder.issuer
  return { ...config, identity: { caPem: authority.caPem, drainKey } }
}

/** What is told of a fleet: what becomes of its objects, and what keeps its identity from it. */
function createTold(tell: ProviderEvents['onInfrastructure']) {
  const known = new Map<string, Infrastructure>()
  const problems = new Map<string, string>()
  function say(fleet: string): void {
    const infrastructure = known.get(fleet)
    const problem = [infrastructure?.problem ?? '', problems.get(fleet) ?? ''].filter((each) => each !== '').join(' ')
    tell(fleet, infrastructure && { ...infrastructure, problem })
  }
  return {
    infrastructure(fleet: string, infrastructure: Infrastructure | undefined): void {
      if (infrastructure) known.set(fleet, infrastructure)
      else {
        known.delete(fleet)
        problems.delete(fleet)
      }
      say(fleet)
    },
    problem(fleet: string, problem: string): void {
      if (problem === (problems.get(fleet) ?? '')) return
      problems.set(fleet, problem)
      if (known.has(fleet)) say(fleet)
    },
  }
}
