// Follows the objects of one kind in one place, a namespace or everywhere: a list, then a watch that goes on from it, then
// a watch that goes on from that one. A list is read anew only when the server has forgotten where we were (410), when
// somebody asks for it, and after a time without any answer: the server may then have come back from an older store.
import type { IncomingMessage } from 'node:http'
import { Fault, retry } from '@penstock/fault'
import type { KindInfo } from '@penstock/gateway-api'
import type { ApiClient } from './api-client.ts'
import { ApiFault } from './api-fault.ts'
import { named } from './api-object.ts'
import { collectionPath, type Query } from './api-path.ts'
import type { HeldReason, KindState } from './kind-state.ts'
import type { KubeEvents } from './kube-events.ts'
import type { KubeLimits } from './limits.ts'
import { readList } from './list.ts'
import type { Mirror, ObjectChange, Staging } from './mirror.ts'
import { type WatchEvent, watchEvents } from './watch-stream.ts'

export interface ReflectorParts<V> {
  readonly client: ApiClient
  readonly kind: KindInfo
  /** Undefined: everywhere. */
  readonly namespace: string | undefined
  readonly selectors: Query
  readonly metadataOnly: boolean
  readonly mirror: Mirror<V>
  readonly limits: KubeLimits
  readonly events: KubeEvents
  /** Resolves when whoever takes them is ready for more. */
  readonly tell: (changes: readonly ObjectChange<V>[]) => Promise<void>
  readonly onState: () => void
}

export class Reflector<V> implements AsyncDisposable {
  readonly #parts: ReflectorParts<V>
  readonly #running: Promise<void>
  #state: KindState = { is: 'unknown' }
  #version: string
  /** From where a watch goes on; undefined: a list is needed. */
  #resume: string | undefined
  #round = new AbortController()
  #closed = false
  #wasRead = false
  #relists: ((state: KindState) => void)[] = []

  constructor(parts: ReflectorParts<V>) {
    this.#parts = parts
    this.#version = parts.kind.versions[0]
    this.#running = this.#run()
  }

  get state(): KindState {
    return this.#state
  }

  get version(): string {
    return this.#version
  }

  /** Reads a list that begins after this call. */
  relist(): Promise<KindState> {
    return new Promise((resolve) => {
      this.#relists.push(resolve)
      this.#resume = undefined
      this.#round.abort()
    })
  }

  /** The kinds that are served have changed: what was not served may be, or in a better version. */
  servedChanged(versions: readonly string[]): void {
    const best = this.#parts.kind.versions.find((version) => versions.includes(version))
    if (best === undefined || (best === this.#version && this.#state.is !== 'held')) return
    this.#resume = undefined
    this.#round.abort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#round.abort()
    // What a transform threw was told already, as an unhandled rejection.
    await this.#running.catch(() => {})
  }

  async #run(): Promise<void> {
    const { limits, events, kind, namespace } = this.#parts
    while (!this.#closed) {
      this.#round = new AbortController()
      const { signal } = this.#round
      const options = {
        signal,
        minDelayMs: limits.retryMinMs,
        maxDelayMs: limits.retryMaxMs,
        onFault: (fault: Fault) => events.fault(fault, { kind: kind.kind, namespace }),
      }
      let bug: unknown
      const attempt = (progress: () => void): Promise<void> =>
        this.#session(signal, progress).catch((thrown: unknown) => {
          if (thrown instanceof Fault || signal.aborted) throw thrown
          bug = thrown
          throw new Fault('kube_refused', 'a bug', { cause: thrown })
        })
      await retry(attempt, options).catch((thrown: unknown) => {
        if (!signal.aborted) throw bug ?? thrown
      })
    }
  }

  /** A list if one is needed, and one watch. */
  async #session(signal: AbortSignal, progress: () => void): Promise<void> {
    try {
      if (this.#resume === undefined) {
        await this.#list(signal)
        progress()
      }
      await this.#watch(signal, progress)
    } catch (thrown) {
      if (signal.aborted || !(thrown instanceof Fault)) throw thrown
      if (thrown.code === 'kube_expired') this.#resume = undefined
      throw this.#judged(thrown)
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const relists = this.#relists
    this.#relists = []
    try {
      await this.#readList(signal)
    } catch (thrown) {
      this.#relists.unshift(...relists)
      if (thrown instanceof Fault) this.#outOfContact(thrown)
      throw thrown
    }
    for (const resolve of relists) resolve(this.#state)
  }

  async #readList(signal: AbortSignal): Promise<void> {
    const { client, kind, namespace, selectors, metadataOnly, mirror, limits, events } = this.#parts
    const startMs = performance.now()
    let missing: Fault | undefined
    for (const version of kind.versions) {
      let staging = mirror.begin()
      try {
        const resume = await readList(client, {
          path: collectionPath(kind, version, namespace),
          query: selectors,
          pageSize: limits.pageSize,
          signal,
          ...(metadataOnly ? { accept: metadataTypes.list } : {}),
          onBegin: () => {
            staging = mirror.begin()
          },
          onPage: (items) => {
            for (const item of items) staging.add(named(item, kind, version))
          },
        })
        this.#version = version
        const changes = await this.#finish(staging, resume)
        events.listed(kind.kind, { objects: mirror.size, changes, ms: Math.round(performance.now() - startMs) })
        return
      } catch (thrown) {
        if (!(thrown instanceof Fault) || thrown.code !== 'kube_not_found') throw thrown
        missing ??= thrown
      }
    }
    throw missing ?? new Fault('kube_not_found', `${kind.kind} has no version`)
  }

  async #finish(staging: Staging<V>, resume: string): Promise<number> {
    const changes = staging.finish()
    this.#resume = resume
    await this.#tell(changes)
    this.#become({ is: 'synced' })
    this.#wasRead = true
    return changes.length
  }

  async #watch(signal: AbortSignal, progress: () => void): Promise<void> {
    const { kind, limits, events } = this.#parts
    const what = `watch of ${kind.plural}`
    const startMs = performance.now()
    const stream = await this.#openWatch(signal)
    if (this.#state.is !== 'held') this.#become({ is: this.#state.is })
    let batches = 0
    try {
      for await (const batch of watchEvents(stream, what, limits)) {
        signal.throwIfAborted()
        batches += 1
        progress()
        await this.#take(batch)
      }
    } catch (thrown) {
      if (!signal.aborted) events.watchEnded(kind.kind, thrown instanceof Fault ? thrown.code : 'bug')
      throw thrown
    }
    if (batches === 0 && performance.now() - startMs < limits.retryMinMs) {
      throw new Fault('kube_unreachable', `${what}: ended at once`)
    }
    events.watchEnded(kind.kind, 'in_order')
  }

  async #openWatch(signal: AbortSignal): Promise<IncomingMessage> {
    const { client, kind, namespace, selectors, metadataOnly, limits } = this.#parts
    try {
      return await client.open({
        path: collectionPath(kind, this.#version, namespace),
        query: {
          ...selectors,
          watch: true,
          allowWatchBookmarks: true,
          resourceVersion: this.#resume,
          timeoutSeconds: Math.ceil(((1 + Math.random()) * limits.watchMs) / 1_000),
        },
        signal,
        ...(metadataOnly ? { accept: metadataTypes.object } : {}),
      })
    } catch (thrown) {
      if (thrown instanceof Fault) {
        // An overloaded server (429) is the one that we left; any other may be another by now.
        if (!(thrown instanceof ApiFault && thrown.status === 429)) this.#resume = undefined
        this.#outOfContact(thrown)
      }
      throw thrown
    }
  }

  async #take(batch: readonly WatchEvent[]): Promise<void> {
    const { kind, mirror } = this.#parts
    const changes: ObjectChange<V>[] = []
    for (const { type, object } of batch) {
      this.#resume = object.metadata.resourceVersion
      if (type === 'BOOKMARK') continue
      const whole = named(object, kind, this.#version)
      changes.push(...(type === 'DELETED' ? mirror.remove(whole) : mirror.put(whole)))
    }
    await this.#tell(changes)
  }

  async #tell(changes: readonly ObjectChange<V>[]): Promise<void> {
    if (changes.length > 0) await this.#parts.tell(changes)
  }

  /**
   * What a fault means for the next try. A kind that we cannot read is a fact, and is asked for again slowly; one that we
   * could, soon at first: a server that starts forbids everything until it knows our rights.
   */
  #judged(fault: Fault): Fault {
    if (fault.retry) return fault
    this.#resume = undefined
    const retryAfterMs = this.#wasRead ? 0 : this.#parts.limits.heldRetryMs
    return new Fault('kube_held', fault.message, { cause: fault, retryAfterMs })
  }

  #outOfContact(fault: Fault): void {
    const reason = heldReasons[fault.code]
    if (reason) {
      const namespaces = [this.#parts.namespace ?? '']
      this.#become({ is: 'held', reason, message: fault.message, namespaces })
      for (const resolve of this.#relists.splice(0)) resolve(this.#state)
    } else if (this.#state.is !== 'held') {
      this.#become({ is: this.#state.is, fault })
    }
  }

  #become(state: KindState): void {
    this.#state = state
    this.#parts.onState()
  }
}

const heldReasons: Readonly<Partial<Record<Fault['code'], HeldReason>>> = {
  kube_forbidden: 'forbidden',
  kube_not_found: 'not_served',
}

const metadataTypes = {
  list: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  object: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
}
