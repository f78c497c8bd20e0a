// An agentgateway v1.4.1 without the proxy: it asks a server for its configuration as that one does, is as strict, and
// answers requests from what it got.

import {
  createDeltaChannel,
  type DeltaChannel,
  type DeltaRequest,
  type DeltaResponse,
  type DeltaStream,
} from '@penstock/xds'
import { until } from '../until.ts'
import type { Workload } from './accept-address.ts'
import { createAddressStore } from './address-store.ts'
import { type BindSockets, createBindSockets, type ListenAt } from './bind-sockets.ts'
import { createBindStore } from './bind-store.ts'
import { complaintsOf } from './complaints.ts'
import { type Connections, createConnections } from './connection.ts'
import { deliver, type Stores, types } from './delivery.ts'
import { createEndpointChoice } from './endpoint-choice.ts'
import type { Reject } from './verdict.ts'

export interface AgentgatewayOptions {
  readonly xdsPort: number
  readonly xdsHost?: string
  /** Of the Gateway: both together are the node's role, by which the server chooses the configuration. */
  readonly namespace: string
  readonly gateway: string
  /** With one it is ready only when it got its own Workload. */
  readonly podName?: string
  readonly instanceIp?: string
  readonly nodeName?: string
  /** Goes with the stream as `authorization: Bearer …`. */
  readonly token?: string
  /** Where the port of a bind is opened. The real one has no choice: every address. Default: loopback. */
  listenAt?(port: number): ListenAt
  /** From 0 to 1, drawn for weights and shares. */
  random?(): number
}

export interface Agentgateway extends AsyncDisposable {
  /** Once it is, it stays so. */
  readonly isReady: boolean
  /** All so far, of all streams. */
  readonly responses: readonly DeltaResponse[]
  readonly requests: DeltaRequest[]
  /** All that was told to the server so far. */
  readonly rejects: readonly Reject[]
  readonly stores: Stores
  /** What a real proxy would not say, and what never works: none of it may be there when all is delivered. */
  complaints(): string[]
  /** Ends the stream and does not open another until `connect`; what it holds it keeps. */
  disconnect(): void
  connect(): void
  /** Until `condition` holds. */
  until(what: string, condition: () => boolean, deadlineMs?: number): Promise<void>
}

const backoffMs = { first: 10, last: 15_000 }

class StrictAgentgateway implements Agentgateway {
  readonly #options: AgentgatewayOptions
  readonly #channel: DeltaChannel
  readonly #sockets: BindSockets
  readonly #connections: Connections
  readonly #notes = new Set<string>()
  readonly #unanswered = new Set<string>(types)
  readonly responses: DeltaResponse[] = []
  readonly requests: DeltaRequest[] = []
  readonly rejects: Reject[] = []
  readonly stores: Stores = {
    binds: createBindStore(),
    addresses: createAddressStore(),
    known: new Map(types.map((type) => [type, new Map<string, string>()])),
  }
  isReady = false
  #stream: DeltaStream | undefined
  #backoffMs = backoffMs.first
  #again: NodeJS.Timeout | undefined
  /** Responses are taken one after the other. */
  #taken = Promise.resolve()

  constructor(options: AgentgatewayOptions) {
    this.#options = options
    const { xdsPort: port, xdsHost: host = '127.0.0.1', token } = options
    const metadata = token === undefined ? {} : { authorization: `Bearer ${token}`, clusterid: 'Kubernetes' }
    this.#channel = createDeltaChannel({ port, host, metadata })
    const random = options.random ?? Math.random
    const { binds, addresses } = this.stores
    const endpoints = createEndpointChoice(addresses, () => this.#own(), random)
    const note = (complaint: string): unknown => this.#notes.add(complaint)
    const onBug = (error: unknown): unknown => note(`this client: ${error instanceof Error ? error.stack : error}`)
    this.#connections = createConnections({ store: binds, addresses, endpoints, random }, onBug)
    this.#sockets = createBindSockets({
      at: options.listenAt ?? ((bound) => ({ host: '127.0.0.1', port: bound })),
      onConnection: (socket, key) => {
        this.#connections.serve(socket, key).catch(onBug)
      },
      onFailure: note,
    })
    this.connect()
  }

  complaints(): string[] {
    return [...this.#notes, ...complaintsOf(this.stores)]
  }

  connect(): void {
    this.disconnect()
    const stream = this.#channel.open({
      onResponse: (response) => {
        this.#backoffMs = backoffMs.first
        this.#taken = this.#taken.then(() => this.#take(response, stream))
      },
      onEnd: () => {
        this.#backoffMs = Math.min(backoffMs.last, this.#backoffMs * 2)
        this.#again = setTimeout(() => this.connect(), this.#backoffMs)
      },
    })
    this.#stream = stream
    for (const typeUrl of types) {
      const initialResourceVersions = Object.fromEntries(this.stores.known.get(typeUrl) ?? [])
      this.#send(stream, { typeUrl, node: this.#node(), initialResourceVersions })
    }
  }

  disconnect(): void {
    clearTimeout(this.#again)
    this.#stream?.cancel()
    this.#stream = undefined
  }

  until(what: string, condition: () => boolean, deadlineMs?: number): Promise<void> {
    return until(`agentgateway: ${what}`, condition, deadlineMs).then(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disconnect()
    this.#channel.close()
    await this.#taken
    await this.#sockets.close()
    this.#connections.close()
  }

  /** Answered when the ports are open, so that who sees the answer can ask them. */
  async #take(response: DeltaResponse, stream: DeltaStream): Promise<void> {
    this.responses.push(response)
    const { typeUrl, nonce: responseNonce } = response
    const rejects = deliver(response, this.stores, (complaint) => this.#notes.add(complaint))
    await this.#sockets.settle(this.stores.binds.binds)
    this.rejects.push(...rejects)
    if (!rejects.some((reject) => 'error' in reject)) this.#unanswered.delete(typeUrl)
    this.isReady ||= this.#unanswered.size === 0 && (!this.#options.podName || this.#own() !== undefined)
    // The code stays 0, so that a server has to look whether the detail is there.
    const errorDetail = { code: 0, message: JSON.stringify(rejects) }
    this.#send(stream, { typeUrl, responseNonce, ...(rejects.length > 0 && { errorDetail }) })
  }

  #send(stream: DeltaStream, request: DeltaRequest): void {
    this.requests.push(request)
    stream.send(request)
  }

  #own(): Workload | undefined {
    const { podName, namespace } = this.#options
    const isOwn = ({ name, namespace: there }: Workload): boolean => name === podName && there === namespace
    return podName ? [...this.stores.addresses.workloads.values()].find(isOwn) : undefined
  }

  #node() {
    const { namespace, gateway, podName = '', instanceIp = '1.1.1.1', nodeName = '' } = this.#options
    return {
      id: `agentgateway~${instanceIp}~${podName}.${namespace}~${namespace}.svc.cluster.local`,
      metadata: {
        NAME: podName,
        NAMESPACE: namespace,
        INSTANCE_IPS: instanceIp,
        NODE_NAME: nodeName,
        role: `${namespace}~${gateway}`,
        GATEWAY_NAME: gateway,
      },
    }
  }
}

export const startAgentgateway = (options: AgentgatewayOptions): Agentgateway => new StrictAgentgateway(options)
