// The wiring in a cluster: what the API server says becomes the state of the RESOURCE channel. A new leader lists
// everything afresh before it publishes: never from the cache that it kept warm.
import { channels, type JsonObject, type PublishedState } from '@penstock/bus'
import { isOnlyForReferrers, parseObjectKey, type Resource, resourceKey } from '@penstock/gateway-api'
import type { Kube, ObjectChange } from '@penstock/kube'
import { createClusterProvider } from './cluster-provider.ts'
import { addDebugPages } from './debug-pages.ts'
import { createResourceState } from './resource-state.ts'
import { sealSecret } from './seal-secret.ts'
import type { ClusterConfig } from './settings.ts'
import type { WatcherParts } from './start.ts'

export interface ClusterWatcherOptions extends WatcherParts {
  kube: Kube
  config: ClusterConfig
}

export function startClusterWatcher(options: ClusterWatcherOptions): AsyncDisposable {
  const { bus, sealer, kube, config, log, health } = options
  const state = createResourceState({
    seal: (secret) => sealSecret(secret, bus.subject(channels.resource, resourceKey(secret)), sealer),
    held: { has: (key) => provider.unclear(key), [Symbol.iterator]: () => [][Symbol.iterator]() },
    versioned: (object) => object,
  })
  /** Whether this term has listed everything. */
  let fresh = false
  let terms = 0

  const provider = createClusterProvider({
    ...{ kube, config, log, check: health.check('kubernetes') },
    named: (key) => state.named(key),
    async onChange(changes, changedAtMs) {
      const touched = take(changes, changedAtMs)
      const others = [...touched].filter((key) => isOnlyForReferrers(parseObjectKey(key)) && !told(changes, key))
      // A Secret is there before who names it, and goes no sooner, so that it never seems to be missing.
      await provider.reread(others.filter((key) => state.named(key)))
      publisher.changed(touched, changedAtMs)
      await provider.reread(others.filter((key) => !state.named(key)))
    },
    onAnswer() {
      publisher.changed(state.forget(Date.now()))
    },
  })
  const take = (changes: readonly ObjectChange<Resource>[], changedAtMs: number): ReadonlySet<string> =>
    new Set(changes.flatMap(({ key, value }) => [...state.set(key, value, changedAtMs)]))

  const publisher = bus.publish(channels.resource, {
    state: () => (fresh && provider.told ? (state as unknown as PublishedState<JsonObject>) : undefined),
    onRead(records) {
      const nowMs = Date.now()
      state.resume(records as unknown as ReadonlyMap<string, Resource>, nowMs)
      state.forget(nowMs)
      // Not sooner: what an older life published, and cannot be read now, names Secrets too.
      if (!fresh) void listAfresh()
    },
    onLead: forgetList,
    onFollow: forgetList,
  })
  function forgetList(): void {
    fresh = false
    terms += 1
  }
  async function listAfresh(): Promise<void> {
    const term = terms
    await provider.relist()
    if (term !== terms) return
    fresh = true
    publisher.refresh()
  }
  if (options.admin) addDebugPages(options.admin, { bus, state })
  return {
    async [Symbol.asyncDispose]() {
      await provider[Symbol.asyncDispose]()
      await publisher[Symbol.asyncDispose]()
    },
  }
}

const told = (changes: readonly ObjectChange<Resource>[], key: string): boolean =>
  changes.some((change) => change.key === key)
