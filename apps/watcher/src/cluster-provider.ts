// A cluster as a source of resources: every kind that we may read, each reflected by itself. Secrets and ConfigMaps are
// read last, when it is known which of them anybody names, and nothing is kept of the others.
import { retry } from '@penstock/fault'
import {
  bundleVersionAnnotation,
  channelAnnotation,
  customResourceDefinitionKind,
  type KindInfo,
  kinds,
  parseObjectKey,
  type Resource,
  resourceKey,
} from '@penstock/gateway-api'
import { type ApiObject, type Kube, type ObjectChange, type Reflection, trimmed } from '@penstock/kube'
import type { Check } from '@penstock/service'
import { isOnlyForReferrers } from './resource-state.ts'
import type { ClusterConfig } from './settings.ts'

export interface ClusterProviderOptions {
  readonly kube: Kube
  readonly config: ClusterConfig
  readonly check: Check
  /** Whether some object names the Secret or ConfigMap of this key. */
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

export function createClusterProvider(options: ClusterProviderOptions): ClusterProvider {
  const { kube, config, check } = options
  const closing = new AbortController()
  /** Every kind is being read. */
  const begun = Promise.withResolvers<void>()
  const discovery = kube.discover({})
  const reflections = new Map<string, Reflection<Resource>>()
  const all = [...kinds, customResourceDefinitionKind]
  const isTold = (): boolean => reflections.size === all.length && [...reflections.values()].every(hasAnswered)

  const reflect = (kind: KindInfo): void => {
    const reflection = kube.reflect<Resource>({
      kind,
      scope: scopeOf(kind, config),
      metadataOnly: kind === customResourceDefinitionKind,
      transform: (object) => kept(object, kind, options),
      onChange: (changes) => options.onChange(changes, Date.now()),
      onState() {
        // The state is told to whoever asked for the reflection, before the call that made it has returned.
        queueMicrotask(answered)
      },
    })
    reflections.set(nameOf(kind), reflection)
  }
  const answered = (): void => {
    if (closing.signal.aborted) return
    if (reflections.size < all.length && [...reflections.values()].every(hasAnswered)) {
      for (const kind of all.filter(isOnlyForReferrers)) if (!reflections.has(nameOf(kind))) reflect(kind)
      begun.resolve()
    }
    if (isTold()) check.pass()
    options.onAnswer()
  }
  for (const kind of all) if (!isOnlyForReferrers(kind)) reflect(kind)

  const reflectionOf = (key: string): Reflection<Resource> | undefined => reflections.get(nameOf(parseObjectKey(key)))
  return {
    get told() {
      return isTold()
    },
    unclear(key) {
      const { namespace } = parseObjectKey(key)
      return reflectionOf(key)?.unclear(namespace) ?? all.some((kind) => nameOf(kind) === nameOf(parseObjectKey(key)))
    },
    async relist() {
      const before = [...reflections.values()]
      await Promise.all(before.map((reflection) => reflection.relist()))
      await begun.promise
      const later = [...reflections.values()].filter((reflection) => !before.includes(reflection))
      await Promise.all(later.map((reflection) => reflection.relist()))
    },
    async reread(keys) {
      const { signal } = closing
      const again = keys.map((key) => retry(async () => reflectionOf(key)?.reread([key]), { signal }))
      for (const result of await Promise.allSettled(again)) {
        if (result.status === 'rejected' && !signal.aborted) throw result.reason
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      await Promise.all([discovery, ...reflections.values()].map((part) => part[Symbol.asyncDispose]()))
    },
  }
}

const nameOf = ({ group, kind }: Pick<KindInfo, 'group' | 'kind'>): string => `${group}/${kind}`

const hasAnswered = ({ state }: Reflection<Resource>): boolean => state.is !== 'unknown'

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
