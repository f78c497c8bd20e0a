// From a call to a proxy's stream: who the peer proved to be, which fleet it asks for, and whether there is room for it.
// Whoever is not let in is told why in words, and in a reason that a program can read.
import { Metadata, type ServerDuplexStream, status } from '@grpc/grpc-js'
import type { Connection, FrontDoor } from './front-door.ts'
import type { DeltaDiscoveryRequest } from './gen/envoy/service/discovery/v3/discovery.ts'
import { createPace } from './pace.ts'
import type { ProxyNode } from './proxy-node.ts'
import { createProxyNode } from './proxy-node.ts'
import type { ProxyStream } from './proxy-stream.ts'
import type { Refusals } from './refusals.ts'
import {
  type Asked,
  checkNode,
  checkRequest,
  checkTotal,
  exhausted,
  invalid,
  type Violation,
} from './request-limits.ts'
import type { XdsSettings } from './settings.ts'

/** What a peer shows of itself, before it says anything. */
export interface Peer extends Pick<Connection, 'certificate' | 'distrust'> {
  /** The header `authorization` of its stream. */
  readonly authorization: string | undefined
}

/** The one fleet that the peer may ask for, until then; or why it is nobody. */
export type PeerIdentity =
  | { readonly fleet: string; readonly expiresMs: number }
  | { readonly refused: string; readonly says: string }

export type AdsCall = ServerDuplexStream<DeltaDiscoveryRequest, Buffer>

/** A stream that is served. */
export interface LiveCall {
  readonly expiresMs: number
  end(code: status, details: string): void
  /** With its connection, so that the proxy comes back with what its files hold now. */
  leave(code: status, details: string): void
}

export interface AdmissionContext {
  readonly limits: XdsSettings
  readonly refusals: Refusals
  readonly door: Pick<FrontDoor, 'connection'>
  readonly calls: ReadonlyMap<ProxyStream, LiveCall>
  identify?(peer: Peer): Promise<PeerIdentity>
  fleetOf(node: ProxyNode): string | undefined
  /** How many streams this fleet has. */
  streamsOf(fleet: string): number
  open(call: AdsCall, node: ProxyNode, fleet: string, live: LiveCall): ProxyStream
}

const nothingAsked: Asked = { types: new Set(), names: 0, chars: 0, waiting: 0 }

export const refusedHeader = 'penstock-refused'

export function serve(call: AdsCall, context: AdmissionContext): void {
  const admission = new Admission(call, context)
  for (const event of ['cancelled', 'error', 'close']) call.on(event, () => admission.close())
  admission.begin().catch((error: unknown) => admission.fail(error))
}

class Admission implements LiveCall {
  readonly #call: AdsCall
  readonly #context: AdmissionContext
  readonly #connection: Connection | undefined
  #identity: Exclude<PeerIdentity, { refused: string }> | undefined
  #stream: ProxyStream | undefined
  #node: ProxyNode | undefined
  #isOver = false

  constructor(call: AdsCall, context: AdmissionContext) {
    this.#call = call
    this.#context = context
    this.#connection = context.door.connection(call.getPeer())
  }

  get expiresMs(): number {
    return this.#identity?.expiresMs ?? Infinity
  }

  async begin(): Promise<void> {
    const { identify } = this.#context
    // A connection that is gone already.
    if (!this.#connection) return this.close()
    const full = this.#checkRoom()
    if (full) return this.#refuse(full)
    if (identify && !(await this.#identify(identify))) return
    if (!this.#isOver) this.#listen()
  }

  end(code: status, details: string, reason?: string): void {
    if (this.#isOver) return
    this.close()
    const metadata = new Metadata()
    if (reason !== undefined) metadata.set(refusedHeader, reason)
    this.#call.emit('error', { code, details, metadata })
  }

  leave(code: status, details: string): void {
    this.end(code, details)
    this.#connection?.end()
  }

  /** A mistake of ours that this peer brought to light must not end the streams of all others. */
  fail(error: unknown): void {
    const says = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#context.refusals.refuse('failed', { peer: this.#call.getPeer(), proxy: this.#node?.id, message: says })
    this.end(status.INTERNAL, 'the server has failed', 'failed')
  }

  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    if (!this.#stream) return
    this.#stream[Symbol.dispose]()
    this.#stream = undefined
    this.#connection?.leave()
  }

  async #identify(identify: NonNullable<AdmissionContext['identify']>): Promise<boolean> {
    const { certificate, distrust } = this.#connection ?? {}
    const [authorization] = this.#call.metadata.get('authorization').map(String)
    const identity = await identify({ certificate, distrust, authorization })
    if (!('refused' in identity)) {
      this.#identity = identity
      return true
    }
    this.#refuse({ code: status.UNAUTHENTICATED, reason: identity.refused, says: identity.says })
    this.#connection?.end()
    return false
  }

  #listen(): void {
    const pace = createPace(this.#call, this.#context.limits.maxRequestsPerSecond)
    this.#call.on('data', (request: DeltaDiscoveryRequest) => {
      if (this.#isOver) return
      try {
        this.#take(request)
      } catch (error) {
        this.fail(error)
      }
      pace()
    })
    this.#call.on('end', () => {
      this.close()
      this.#call.end()
    })
  }

  #take(request: DeltaDiscoveryRequest): void {
    const { limits } = this.#context
    const wrong =
      checkRequest(request, limits) ??
      (this.#stream ? this.#checkLater(request) : checkNode(request, limits)) ??
      checkTotal(this.#stream?.asked ?? nothingAsked, request, limits)
    if (wrong) return this.#refuse(wrong)
    this.#stream ??= this.#admit(createProxyNode(request.node ?? {}))
    this.#stream?.request(request)
  }

  #checkLater(request: DeltaDiscoveryRequest): Violation | undefined {
    const { id = this.#node?.id, cluster = this.#node?.cluster } = request.node ?? {}
    if (id !== this.#node?.id || cluster !== this.#node?.cluster) {
      return invalid('node_changed', 'a stream is of one node from its first request on')
    }
    return undefined
  }

  /** Asked when a call begins, which spares what follows, and when it is let in, since streams count only from then on. */
  #checkRoom(): Violation | undefined {
    const { limits, calls } = this.#context
    const { streams = 0 } = this.#connection ?? {}
    if (streams >= limits.maxStreamsPerConnection) {
      return exhausted('too_many_streams', `${streams} streams on one connection`)
    }
    if (calls.size < limits.maxStreams) return undefined
    return exhausted('server_full', `this server has ${calls.size} streams, as many as it may`)
  }

  #checkFleet(fleet: string): Violation | undefined {
    const { limits, streamsOf } = this.#context
    if (streamsOf(fleet) < limits.maxStreamsPerFleet) return undefined
    return exhausted('fleet_full', `fleet "${fleet}" has ${limits.maxStreamsPerFleet} streams, as many as it may`)
  }

  #admit(node: ProxyNode): ProxyStream | undefined {
    const { fleetOf, open } = this.#context
    const fleet = fleetOf(node)
    this.#node = node
    if (fleet === undefined) {
      this.#refuse({ code: status.PERMISSION_DENIED, reason: 'no_fleet_asked', says: `no fleet for node "${node.id}"` })
      return undefined
    }
    if (this.#identity && this.#identity.fleet !== fleet) {
      const says = `node "${node.id}" asks for fleet "${fleet}", its identity is of "${this.#identity.fleet}"`
      this.#refuse({ code: status.PERMISSION_DENIED, reason: 'other_fleet', says })
      this.#connection?.end()
      return undefined
    }
    const full = this.#checkRoom() ?? this.#checkFleet(fleet)
    if (full) {
      this.#refuse(full)
      return undefined
    }
    const stream = open(this.#call, node, fleet, this)
    this.#connection?.enter()
    return stream
  }

  #refuse({ code, reason, says }: Violation): void {
    if (this.#isOver) return
    const proxy = this.#node?.id
    this.#context.refusals.refuse(reason, {
      peer: this.#call.getPeer(),
      ...(proxy !== undefined && { proxy }),
      message: says,
    })
    this.end(code, says, reason)
  }
}
