// Which kinds the API server serves, in which versions: asked for regularly, and whenever a CustomResourceDefinition
// changes, where we may watch those. Aggregated discovery (Kubernetes 1.26 and later) is two requests; the older form is
// one for each group and version.
import { isDeepStrictEqual } from 'node:util'
import { Fault, retry } from '@penstock/fault'
import { customResourceDefinitionKind } from '@penstock/gateway-api'
import type { ApiClient } from './api-client.ts'
import type { KubeEvents } from './kube-events.ts'
import type { KubeLimits } from './limits.ts'
import type { Reflection, ReflectOptions } from './reflection.ts'
import { readServedKinds, type ServedKinds } from './served-kinds.ts'

export interface DiscoverOptions {
  /** First with what is served at all, then when it changed. */
  onChange?(served: ServedKinds): void
  /** Whether definitions are watched, so that a new kind is known at once: a right that not all have. Default true. */
  readonly definitions?: boolean
}

export interface Discovery extends AsyncDisposable {
  /** Undefined until the server answered once. */
  readonly served: ServedKinds | undefined
  /** Resolves once the server was asked after this call. */
  refresh(): Promise<void>
}

export interface DiscoveryParts {
  readonly client: ApiClient
  readonly limits: KubeLimits
  readonly events: KubeEvents
  reflect<V>(options: ReflectOptions<V>): Reflection<V>
  /** After each look, whether anything changed or not. */
  onLook(served: ServedKinds): void
}

export class KindDiscovery implements Discovery {
  readonly #parts: DiscoveryParts
  readonly #onChange: DiscoverOptions['onChange']
  readonly #lifetime = new AbortController()
  readonly #definitions: Reflection<string> | undefined
  #served: ServedKinds | undefined
  #asking: Promise<void> | undefined
  #again: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #nextMs: number

  constructor(parts: DiscoveryParts, { onChange, definitions = true }: DiscoverOptions) {
    this.#parts = parts
    this.#onChange = onChange
    this.#nextMs = parts.limits.discoveryMs
    if (definitions) this.#definitions = this.#watchDefinitions()
    this.#refreshAlone()
  }

  #watchDefinitions(): Reflection<string> {
    return this.#parts.reflect<string>({
      kind: customResourceDefinitionKind,
      metadataOnly: true,
      transform: ({ metadata }) => metadata.resourceVersion,
      onChange: () => {
        // A kind is served a moment after its definition says so.
        this.#nextMs = this.#parts.limits.settleMs
        this.#refreshAlone()
      },
    })
  }

  get served(): ServedKinds | undefined {
    return this.#served
  }

  /** One look at a time; whoever asks during one waits for the next, since this one may have seen too little. */
  refresh(): Promise<void> {
    if (!this.#asking) {
      this.#asking = this.#ask().finally(() => {
        this.#asking = undefined
      })
      return this.#asking
    }
    this.#again ??= this.#asking
      .catch(() => {})
      .then(() => {
        this.#again = undefined
        return this.refresh()
      })
    return this.#again
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lifetime.abort()
    clearTimeout(this.#timer)
    await this.#definitions?.[Symbol.asyncDispose]()
    await this.#again?.catch(() => {})
    await this.#asking?.catch(() => {})
  }

  async #ask(): Promise<void> {
    const { client, limits, events, onLook } = this.#parts
    const { signal } = this.#lifetime
    clearTimeout(this.#timer)
    const options = {
      signal,
      minDelayMs: limits.retryMinMs,
      maxDelayMs: limits.retryMaxMs,
      onFault: (fault: Fault) => events.fault(fault, { of: 'discovery' }),
    }
    try {
      const found = await retry(() => readServedKinds(client, signal), options)
      const changed = !isDeepStrictEqual(this.#served, found)
      this.#served = found
      onLook(found)
      if (changed) {
        events.served(found.size)
        this.#onChange?.(found)
      }
    } finally {
      if (!signal.aborted) this.#timer = setTimeout(() => this.#refreshAlone(), this.#nextMs)
      this.#nextMs = limits.discoveryMs
    }
  }

  #refreshAlone(): void {
    void this.refresh().catch((thrown: unknown) => {
      // Forbidden, or the end of our life; the timer asks again.
      if (!this.#lifetime.signal.aborted) this.#parts.events.fault(Fault.from(thrown), { of: 'discovery' })
    })
  }
}
