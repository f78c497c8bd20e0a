// A client of incremental ADS: what a proxy's end of the stream looks like without a proxy. For tests and measurements.
import type { StatusObject } from '@grpc/grpc-js'
import {
  createDeltaChannel,
  type DeltaChannel,
  type DeltaChannelOptions,
  type DeltaResponse,
  type DeltaStream,
} from './delta-stream.ts'
import type { DeltaDiscoveryRequest } from './gen/envoy/service/discovery/v3/discovery.ts'

export interface DeltaClientOptions extends DeltaChannelOptions {
  node: { id: string; cluster?: string; metadata?: Record<string, unknown> }
  /** Undefined: accepted; a text: refused with it; "wait": not answered until `answer`. Default: all accepted. */
  judge?(response: DeltaResponse): string | undefined
  /** Keeps no responses: for one of many that run long. */
  forgetful?: boolean
}

/** What the client holds of one type, by name. */
export type HeldResources = Map<string, { version: string; body: Uint8Array }>

export interface DeltaClient extends AsyncDisposable {
  /** Opens a stream; with what is held from an earlier one, it is a reconnect: every subscription is made anew. */
  connect(): void
  /** Ends the stream, keeps what is held. */
  disconnect(): void
  /** The first of a type opens it; no names then mean the legacy wildcard. */
  subscribe(typeUrl: string, ...names: string[]): void
  unsubscribe(typeUrl: string, ...names: string[]): void
  /** Sends a request as it is. */
  send(request: DeltaDiscoveryRequest): void
  /** Answers all that waits, accepted. */
  answer(): void
  held(typeUrl: string): HeldResources
  /** All responses so far, of all streams, in order. */
  readonly responses: readonly DeltaResponse[]
  /** How the stream ended, if it did. */
  readonly ended: StatusObject | undefined
  /** Resolves once `condition` holds; looks again after each response. */
  until(condition: () => boolean, deadlineMs?: number): Promise<void>
}

export const waiting = 'wait'

class GrpcDeltaClient implements DeltaClient {
  readonly #options: DeltaClientOptions
  readonly #channel: DeltaChannel
  readonly #held = new Map<string, HeldResources>()
  readonly #names = new Map<string, Set<string>>()
  readonly #watchers = new Set<() => void>()
  readonly responses: DeltaResponse[] = []
  #stream: DeltaStream | undefined
  #opened = new Set<string>()
  #unanswered: DeltaResponse[] = []
  ended: StatusObject | undefined

  constructor(options: DeltaClientOptions) {
    this.#options = options
    this.#channel = createDeltaChannel(options)
    this.connect()
  }

  connect(): void {
    this.#opened = new Set()
    this.#unanswered = []
    this.ended = undefined
    const stream = this.#channel.open({
      onResponse: (response) => stream === this.#stream && this.#receive(response),
      onEnd: (status) => {
        if (stream !== this.#stream) return
        this.ended = status
        this.#look()
      },
    })
    this.#stream = stream
    for (const [typeUrl, names] of this.#names) {
      const isLegacy = names.size === 1 && names.has('*')
      if (names.size > 0) this.#request(typeUrl, { resourceNamesSubscribe: isLegacy ? [] : [...names] })
    }
  }

  disconnect(): void {
    this.#stream?.cancel()
    this.#stream = undefined
  }

  subscribe(typeUrl: string, ...names: string[]): void {
    const all = this.#names.get(typeUrl) ?? new Set()
    for (const name of names.length === 0 ? ['*'] : names) all.add(name)
    this.#names.set(typeUrl, all)
    this.#request(typeUrl, { resourceNamesSubscribe: names })
  }

  unsubscribe(typeUrl: string, ...names: string[]): void {
    for (const name of names) this.#names.get(typeUrl)?.delete(name)
    const held = this.held(typeUrl)
    for (const name of [...held.keys()]) if (!this.#asksFor(typeUrl, name)) held.delete(name)
    if (this.#opened.has(typeUrl)) this.#request(typeUrl, { resourceNamesUnsubscribe: names })
  }

  send(request: DeltaDiscoveryRequest): void {
    this.#stream?.send(request)
  }

  answer(): void {
    for (const response of this.#unanswered.splice(0)) this.#accept(response)
    this.#look()
  }

  held(typeUrl: string): HeldResources {
    let held = this.#held.get(typeUrl)
    if (!held) this.#held.set(typeUrl, (held = new Map()))
    return held
  }

  until(condition: () => boolean, deadlineMs = 20_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer)
        clearInterval(again)
        this.#watchers.delete(look)
      }
      const look = (): void => {
        if (!condition()) return
        end()
        resolve()
      }
      const timer = setTimeout(() => {
        end()
        reject(new Error(`not within ${deadlineMs} ms: ${condition.toString()}`))
      }, deadlineMs)
      const again = setInterval(look, 10)
      this.#watchers.add(look)
      look()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disconnect()
    this.#channel.close()
  }

  #request(typeUrl: string, request: DeltaDiscoveryRequest): void {
    const node = this.#opened.size === 0 ? this.#options.node : undefined
    const brought = [...this.held(typeUrl)].map(([name, { version }]) => [name, version])
    const first = this.#opened.has(typeUrl) ? {} : { initialResourceVersions: Object.fromEntries(brought) }
    this.#opened.add(typeUrl)
    this.send({ typeUrl, node, ...first, ...request })
  }

  #receive(response: DeltaResponse): void {
    const { typeUrl, nonce } = response
    if (!this.#options.forgetful) this.responses.push(response)
    const verdict = this.#options.judge?.(response)
    if (verdict === undefined) this.#accept(response)
    else if (verdict === waiting) this.#unanswered.push(response)
    else this.send({ typeUrl, responseNonce: nonce, errorDetail: { code: 3, message: verdict } })
    this.#look()
  }

  #accept({ typeUrl, nonce, resources, removed }: DeltaResponse): void {
    const held = this.held(typeUrl)
    for (const { name, version, body } of resources) {
      if (this.#asksFor(typeUrl, name)) held.set(name, { version, body })
    }
    for (const name of removed) held.delete(name)
    this.send({ typeUrl, responseNonce: nonce })
  }

  #asksFor(typeUrl: string, name: string): boolean {
    const names = this.#names.get(typeUrl)
    return names !== undefined && (names.has('*') || names.has(name))
  }

  #look(): void {
    for (const look of [...this.#watchers]) look()
  }
}

export const createDeltaClient = (options: DeltaClientOptions): DeltaClient => new GrpcDeltaClient(options)
