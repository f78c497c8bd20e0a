// The wiring: INFRA says what must run, a provider runs it, and what becomes of it goes out as FEEDBACK.
import { type Announcer, type Bus, channels, feedbackKey } from '@penstock/bus'
import type { Feedback, Infrastructure } from '@penstock/ir'
import type { Kube } from '@penstock/kube'
import type { Admin, Health } from '@penstock/service'
import type { Logger } from '@penstock/telemetry'
import { createHostProvider } from './host-provider.ts'
import { createKubernetesProvider } from './kubernetes-provider.ts'
import type { ProviderEvents } from './provider.ts'
import type { HostConfig, InfraConfig } from './settings.ts'

/** Where proxies run: in Kubernetes, or on this machine. */
export type InfraManagerOptions = Options & ({ kube: Kube; host?: never } | { kube?: never; host: HostConfig })

interface Options {
  bus: Bus
  config: InfraConfig
  log: Logger
  health?: Pick<Health, 'check'>
  admin?: Admin
}

export function startInfraManager(options: InfraManagerOptions): AsyncDisposable {
  const { bus, kube, host, config, log, health, admin } = options
  admin?.debug('bus', ({ rest }) => bus.inspect(rest))
  const check = health?.check('infra')
  const stack = new AsyncDisposableStack()
  const announcer = stack.use(bus.announce(channels.feedback))
  const events: ProviderEvents = {
    onInfrastructure: createTelling(announcer, config.instance),
    onFault(fault) {
      check?.fail(fault.message)
      log.error('infra_unwritable', { code: fault.code, reason: fault.message })
    },
    onSettled: () => check?.pass(),
    log,
  }
  const provider = stack.use(
    kube ? createKubernetesProvider({ ...events, bus, kube, config }) : createHostProvider({ ...events, config: host }),
  )
  const follower = stack.use(
    bus.follow(channels.infra, {
      onCommit({ changes }) {
        for (const { key, value } of changes) provider.want(key, value)
      },
      onHeld: (reason) => (reason ? log.warn('infra_held', { ...reason }) : log.info('infra_readable')),
    }),
  )
  void follower.whenSynced().then(() => {
    provider.begin()
    check?.pass()
  })
  return { [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** Says what differs from what was said before; undefined: the fleet is no more. */
function createTelling(announcer: Announcer<Feedback>, instance: string) {
  const told = new Map<string, string>()
  return (fleet: string, infrastructure: Infrastructure | undefined): void => {
    const text = infrastructure && JSON.stringify(infrastructure)
    if (told.get(fleet) === text) return
    const key = feedbackKey(fleet, { service: 'infra-manager', instance })
    if (text === undefined) {
      told.delete(fleet)
      announcer.delete(key)
      return
    }
    told.set(fleet, text)
    announcer.put(key, { fleet, instance, proxies: [], infrastructure })
  }
}
