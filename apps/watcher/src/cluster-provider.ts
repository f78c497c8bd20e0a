// A cluster as a source of resources: every kind that we may read, each reflected by itself. Secrets, ConfigMaps
// and ClusterTrustBundles are read last, when it is known which of them anybody names, and nothing is kept of the others.
import { Fault, retry } from '@penstock/fault'
import {
  bundleVersionAnnotation,
  channelAnnotation,
  clusterTrustBundleKind,
  customResourceDefinitionKind,
  isOnlyForReferrers,
  type KindInfo,
  kinds,
  parseObjectKey,
  type Resource,
  resourceKey,
  unservedKind,
  unservedKindKey,
} from '@penstock/gateway-api'
import { type ApiObject, type Kube, type ObjectChange, type Reflection, trimmed } from '@penstock/kube'
import type { Check } from '@penstock/service'
import type { Logger } from '@penstock/telemetry'
import type { ClusterConfig } from './settings.ts'

export interface ClusterProviderOptions {
  readonly kube: Kube
  readonly config: ClusterConfig
  readonly log: Logger
  readonly check: Check
  /** Whether some object names the one of this key. */
  named(key: string): boolean
  onChange(changes: readonly ObjectChange<Resource>[], changedAtMs: number): void | Promise<void>
  /** A kind was listed, or it was answered that it cannot be. */
  onAnswer(): void
}

export interface ClusterProvider extends AsyncDisposable {
  /** Every kind has answered. */
  readonly told: boolean
  /** An object of this key may be there without our knowing it. */
  unclear(key: string): boolean
  /** Resolves once every kind has answered a list that began after this call. */
  relist(): Promise<void>
  /** These gained their first referrer, or lost their last. */
  reread(keys: readonly string[]): Promise<void>
}

const all: readonly KindInfo[] = [...kinds, customResourceDefinitionKind]

export function createClusterProvider(options: ClusterProviderOptions): ClusterProvider {
  return new Reader(options)
}

class Reader implements ClusterProvider {
  readonly #options: ClusterProviderOptions
  readonly #closing = new AbortController()
  /** Every kind is being read. */
  readonly #begun = Promise.withResolvers<void>()
  readonly #discovery: AsyncDisposable
  readonly #reflections = new Map<string, Reflection<Resource>>()

  constructor(options: ClusterProviderOptions) {
    this.#options = options
    this.#discovery = options.kube.discover({})
    for (const kind of all) if (!isOnlyForReferrers(kind)) this.#reflect(kind)
  }

  get told(): boolean {
    return this.#reflections.size === all.length && this.#allAnswered
  }

  unclear(key: string): boolean {
    const object = parseObjectKey(key)
    return this.#reflections.get(nameOf(object))?.unclear(object.namespace) ?? ours.has(nameOf(object))
  }

  async relist(): Promise<void> {
    const before = [...this.#reflections.values()]
    await Promise.all(before.map((reflection) => reflection.relist()))
    await this.#begun.promise
    const later = [...this.#reflections.values()].filter((reflection) => !before.includes(reflection))
    await Promise.all(later.map((reflection) => reflection.relist()))
  }

  async reread(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.#reread(key)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    const parts = [this.#discovery, ...this.#reflections.values()]
    await Promise.all(parts.map((part) => part[Symbol.asyncDispose]()))
  }

  #reflect(kind: KindInfo): void {
    const { kube, config, onChange } = this.#options
    const reflection = kube.reflect({
      kind,
      scope: scopeOf(kind, config),
      metadataOnly: kind === customResourceDefinitionKind,
      transform: (object) => kept(object, kind, this.#options),
      onChange: (changes) => onChange(changes, Date.now()),
      onState: () => {
        // The state is told to whoever asked for the reflection, before the call that made it has returned.
        queueMicrotask(() => {
          if (kind === clusterTrustBundleKind) this.#tellServed(kind, reflection)
          this.#answered()
        })
      },
    })
    this.#reflections.set(nameOf(kind), reflection)
  }

  /** Another controller's kind comes and goes with its CustomResourceDefinition; of this one nothing else tells. */
  #tellServed(kind: KindInfo, { state }: Reflection<Resource>): void {
    if (this.#closing.signal.aborted) return
    const isUnserved = state.is === 'held' && state.reason === 'not_served'
    const value = isUnserved ? unservedKind(kind) : undefined
    void this.#options.onChange([{ key: unservedKindKey(kind), value }], Date.now())
  }

  #answered(): void {
    if (this.#closing.signal.aborted) return
    if (this.#reflections.size < all.length && this.#allAnswered) {
      for (const kind of all) if (!this.#reflections.has(nameOf(kind))) this.#reflect(kind)
      this.#begun.resolve()
    }
    if (this.told) this.#options.check.pass()
    this.#options.onAnswer()
  }

  get #allAnswered(): boolean {
    return [...this.#reflections.values()].every(({ state }) => state.is !== 'unknown')
  }

  #reflectionOf(key: string): Reflection<Resource> | undefined {
    return this.#reflections.get(nameOf(parseObjectKey(key)))
  }

  /** Waits out an outage. That it may not be read holds nobody up. */
  async #reread(key: string): Promise<void> {
    const { signal } = this.#closing
    const reflection = this.#reflectionOf(key)
    try {
      await retry(async () => reflection?.reread([key]), { signal })
    } catch (thrown) {
      if (signal.aborted) return
      if (!(thrown instanceof Fault)) throw thrown
      const { kind, namespace, name } = parseObjectKey(key)
      const reason = thrown.message
      // Of a kind that cannot be read at all it was told.
      if (reflection?.state.is === 'synced') this.#options.log.warn('unreadable', { kind, namespace, name, reason })
    }
  }
}

const nameOf = ({ group, kind }: Pick<KindInfo, 'group' | 'kind'>): string => `${group}/${kind}`
const ours = new Set(all.map(nameOf))

/** The label selector is for what users of Gateways write; what that refers to carries no such label. */
function scopeOf({ group, kind }: KindInfo, { namespaces, labelSelector }: ClusterConfig) {
  const selected = group.startsWith('gateway.networking.') && !unselected.has(kind)
  return { namespaces, ...(selected && labelSelector !== '' ? { labelSelector } : {}) }
}

const unselected = new Set(['GatewayClass', 'ReferenceGrant', 'XMesh'])

function kept(
  object: ApiObject,
  kind: KindInfo,
  { named }: Pick<ClusterProviderOptions, 'named'>,
): Resource | undefined {
  if (kind === customResourceDefinitionKind) return keptOfDefinition(object)
  const resource = trimmed(object)
  return isOnlyForReferrers(kind) && !named(resourceKey(resource)) ? undefined : resource
}

/** Only which release of the Gateway API it is from. */
function keptOfDefinition(object: ApiObject): Resource | undefined {
  const { metadata, ...rest } = trimmed(object)
  const { [bundleVersionAnnotation]: version, [channelAnnotation]: channel } = metadata.annotations ?? {}
  if (version === undefined) return undefined
  const annotations = { [bundleVersionAnnotation]: version, ...(channel && { [channelAnnotation]: channel }) }
  const { name, uid, generation, creationTimestamp } = metadata
  return { ...rest, metadata: { name, uid, generation, creationTimestamp, annotations } }
}
