// All objects of one kind in the namespaces that are asked for, as one thing: a reflector for each namespace, one state,
// and one voice, so that whoever listens is never told two things at once.
import { type KindInfo, parseObjectKey } from '@penstock/gateway-api'
import type { ApiClient } from './api-client.ts'
import { ApiFault } from './api-fault.ts'
import { type ApiObject, trimmed } from './api-object.ts'
import { objectPath } from './api-path.ts'
import { combined, type KindState, sameState } from './kind-state.ts'
import type { KubeEvents } from './kube-events.ts'
import type { KubeLimits } from './limits.ts'
import { createMirror, type Mirror, type ObjectChange } from './mirror.ts'
import { Reflector } from './reflector.ts'

export interface Scope {
  /** None: all. */
  readonly namespaces?: readonly string[]
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export interface ReflectOptions<V> {
  /** The first of its versions that is served is read. */
  readonly kind: KindInfo
  readonly scope?: Scope
  /** What is kept of an object; undefined: nothing but its identity. Default: `trimmed`. */
  transform?(object: ApiObject): V | undefined
  /** Only metadata is asked for. */
  readonly metadataOnly?: boolean
  /** In order; a promise holds the reading back. */
  onChange(changes: readonly ObjectChange<V>[]): void | Promise<void>
  onState?(state: KindState): void
}

export interface Reflection<V> extends AsyncDisposable {
  readonly state: KindState
  /** The API version that is read. */
  readonly version: string
  get(key: string): V | undefined
  entries(): Iterable<readonly [key: string, value: V]>
  /** Objects may exist there that we do not know: never listed, or held. */
  unclear(namespace: string): boolean
  /** Resolves once a list that began after this call was told, or could not be: never to `unknown`. */
  relist(): Promise<KindState>
  /** Asks for these anew, for a transform that keeps more of them now. */
  reread(keys: Iterable<string>): Promise<void>
}

export interface ReflectionParts {
  readonly client: ApiClient
  readonly limits: KubeLimits
  readonly events: KubeEvents
}

interface Part<V> {
  readonly namespace: string | undefined
  readonly mirror: Mirror<V>
  readonly reflector: Reflector<V>
}

export class KindReflection<V> implements Reflection<V> {
  readonly kind: KindInfo
  readonly #client: ApiClient
  readonly #events: KubeEvents
  readonly #options: ReflectOptions<V>
  readonly #inTurn = createTurns()
  readonly #members: readonly Part<V>[]
  readonly #onEnd: (ended: KindReflection<V>) => void
  #state: KindState = { is: 'unknown' }

  constructor(parts: ReflectionParts, options: ReflectOptions<V>, onEnd: (ended: KindReflection<V>) => void) {
    const { kind, scope = {}, metadataOnly = false } = options
    const { namespaces = [], ...selectors } = scope
    this.kind = kind
    this.#client = parts.client
    this.#events = parts.events
    this.#options = options
    this.#onEnd = onEnd
    const transform = options.transform ?? (trimmed as (object: ApiObject) => V)
    const tell = (changes: readonly ObjectChange<V>[]): Promise<void> => this.#tell(() => changes)
    const onState = (): void => this.#stateChanged()
    const places = kind.namespaced && namespaces.length > 0 ? [...new Set(namespaces)] : [undefined]
    this.#members = places.map((namespace) => {
      const mirror = createMirror<V>({ kind, transform })
      const place = { kind, namespace, selectors, metadataOnly }
      return { namespace, mirror, reflector: new Reflector<V>({ ...parts, ...place, mirror, tell, onState }) }
    })
  }

  get state(): KindState {
    return this.#state
  }

  get version(): string {
    return this.#members[0]?.reflector.version ?? this.kind.versions[0]
  }

  get(key: string): V | undefined {
    return this.#memberOf(parseObjectKey(key).namespace)?.mirror.get(key)
  }

  *entries(): Generator<readonly [string, V]> {
    for (const { mirror } of this.#members) yield* mirror.entries()
  }

  unclear(namespace: string): boolean {
    return (this.#memberOf(namespace)?.reflector.state.is ?? 'synced') !== 'synced'
  }

  async relist(): Promise<KindState> {
    return combined(await Promise.all(this.#members.map(({ reflector }) => reflector.relist())))
  }

  async reread(keys: Iterable<string>): Promise<void> {
    for (const key of keys) {
      const { namespace, name } = parseObjectKey(key)
      const member = this.#memberOf(namespace)
      if (!member) continue
      const ref = { kind: this.kind, name, ...(namespace === '' ? {} : { namespace }) }
      const path = objectPath(ref, member.reflector.version)
      const object = await this.#client.request<ApiObject>({ path }).catch(unlessGone)
      if (object) await this.#tell(() => member.mirror.again(object))
    }
  }

  servedChanged(versions: readonly string[]): void {
    for (const { reflector } of this.#members) reflector.servedChanged(versions)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#onEnd(this)
    await Promise.all(this.#members.map(({ reflector }) => reflector[Symbol.asyncDispose]()))
  }

  #tell(changesNow: () => readonly ObjectChange<V>[]): Promise<void> {
    return this.#inTurn(async () => {
      const changes = changesNow()
      if (changes.length > 0) await this.#options.onChange(changes)
    })
  }

  #memberOf(namespace: string): Part<V> | undefined {
    return this.#members.find((member) => member.namespace === undefined || member.namespace === namespace)
  }

  #stateChanged(): void {
    const next = combined(this.#members.map(({ reflector }) => reflector.state))
    if (sameState(this.#state, next)) return
    this.#state = next
    if (next.is === 'held') this.#events.held(this.kind.kind, next.reason, next.message)
    this.#options.onState?.(next)
  }
}

/** The watch tells of what is gone. */
function unlessGone(thrown: unknown): undefined {
  if (thrown instanceof ApiFault && thrown.status === 404) return undefined
  throw thrown
}

/** Runs one piece of work after the other, in the order of the calls. */
function createTurns(): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }
}
