// One stream of one proxy: requests in, responses out, in rounds. A round takes the proxy from one commit of its fleet
// to a later one without a moment in which something refers to what is not there (rule 16): new and changed
// resources phase by phase, each acknowledged before the next; then removals in reverse; those of the first phase
// later still. What changes during a round waits for the next one, so that a round sends one consistent state.
import type { Logger } from '@penstock/telemetry'
import type { Fleet, Replaced } from './fleet.ts'
import {
  type Answer,
  type Refused,
  removedParts,
  sendDemanded,
  sendLate,
  sendParts,
  sendRemovals,
  sendSets,
  takeAnswer,
  type Wire,
} from './flight.ts'
import type { DeltaDiscoveryRequest } from './gen/envoy/service/discovery/v3/discovery.ts'
import { createLane, isAhead, isBusy, isSetting, type Lane, refusals, settlePassing } from './lane.ts'
import type { XdsMetrics } from './metrics.ts'
import { askAgain, noteChange, openLane, resubscribe, takeChanges } from './owed.ts'
import type { ProxyState, Rejection } from './proxy-state.ts'
import { refusalWords } from './refusal-words.ts'
import { type Asked, charsOf, type Extent, extentOf } from './request-limits.ts'
import type { XdsSettings } from './settings.ts'
import type { OwnBody } from './stored-resource.ts'
import type { TypeOrder } from './type-phase.ts'

export interface ProxyStreamOptions {
  proxy: string
  fleet: Fleet
  order: TypeOrder
  settings: XdsSettings
  metrics: XdsMetrics
  logger: Logger
  nowMs(): number
  refusedIn?(message: string): ReadonlyMap<string, string> | undefined
  /** What this proxy gets in place of bodies. */
  ownBody?: OwnBody
  write(bytes: Buffer): void
  /** What `state` says has changed by an answer of the proxy. */
  onState(): void
  onClose(): void
}

export class ProxyStream implements Disposable {
  readonly #options: ProxyStreamOptions
  readonly #lanes = new Map<string, Lane>()
  readonly #phases: Lane[][]
  readonly #wire: Wire
  readonly #connectedSinceMs: number
  readonly #types = new Set<string>()
  /** Requests that came before the fleet's first update: what they ask for, and no more. */
  #waiting: DeltaDiscoveryRequest[] = []
  #waitingFor: Extent = { names: 0, chars: 0 }
  #lateTimer: NodeJS.Timeout | undefined
  /** Whether a round is under way, the commit that it leads to, and whether the fleet has changed since. */
  #round: { commit: number; revision: number } | undefined
  /** Where the last round led to; counts while anything is outstanding. */
  #reached = 0
  #acknowledged = { commit: 0, atMs: 0 }

  constructor(options: ProxyStreamOptions) {
    this.#options = options
    this.#phases = Array.from({ length: options.order.phases }, () => [])
    this.#connectedSinceMs = options.nowMs()
    this.#wire = {
      send: (lane, batch) => this.#send(lane, batch),
      commit: () => options.fleet.commit,
      elapsedMs: () => performance.now(),
    }
  }

  get proxy(): string {
    return this.#options.proxy
  }

  get asked(): Asked {
    let { names, chars } = this.#waitingFor
    for (const { subscription, passing } of this.#lanes.values()) {
      names += subscription.size + passing.names
      chars += subscription.chars + passing.chars
    }
    return { types: this.#types, names, chars, waiting: this.#waiting.length }
  }

  request(request: DeltaDiscoveryRequest): void {
    this.#types.add(request.typeUrl ?? '')
    if (!this.#options.fleet.served) return this.#wait(request)
    // What was acknowledged stays so while the proxy asks for more.
    const { commit } = this.#options.fleet
    if (this.#acknowledged.commit === commit) this.#reached = commit
    const answer = this.#take(request)
    if (this.#advance() || answer === 'nack') this.#options.onState()
  }

  /** The fleet had its first update. */
  begin(): void {
    this.#waitingFor = { names: 0, chars: 0 }
    for (const request of this.#waiting.splice(0)) this.#take(request)
    if (this.#advance()) this.#options.onState()
  }

  /** The fleet, so far at the commit `before`, changed. Work in proportion to `changes`. */
  update(changes: readonly Replaced[], before: number): void {
    if (this.#isIdle()) this.#reached = before
    for (const lane of this.#lanes.values()) if (!isAhead(lane)) lane.aheadAcknowledged = before
    for (const { typeUrl, name, old } of changes) {
      const lane = this.#lanes.get(typeUrl)
      if (lane) noteChange(lane, name, old)
    }
    this.#advance()
  }

  state(): ProxyState {
    this.#noteAcknowledged()
    const rejections: Rejection[] = []
    for (const [typeUrl, lane] of this.#lanes) {
      for (const [name, { message, commit }] of refusals(lane)) {
        rejections.push({ typeUrl, resources: [name], message, commit })
      }
    }
    return {
      proxy: this.#options.proxy,
      connectedSinceMs: this.#connectedSinceMs,
      acknowledgedCommit: this.#acknowledged.commit,
      acknowledgedAtMs: this.#acknowledged.atMs,
      rejections,
    }
  }

  /** The type whose response has waited too long for its answer. */
  overdue(): string | undefined {
    const latestMs = performance.now() - this.#options.settings.answerTimeoutMs
    for (const [typeUrl, { flight }] of this.#lanes) if (flight && flight.sentAtMs <= latestMs) return typeUrl
    return undefined
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#lateTimer)
    this.#waiting = []
    this.#options.onClose()
  }

  #wait(request: DeltaDiscoveryRequest): void {
    const { typeUrl = '', resourceNamesSubscribe = [], resourceNamesUnsubscribe = [] } = request
    const { initialResourceVersions = {} } = request
    this.#waiting.push({ typeUrl, resourceNamesSubscribe, resourceNamesUnsubscribe, initialResourceVersions })
    const { names, chars } = extentOf(request)
    this.#waitingFor.names += names + resourceNamesUnsubscribe.length
    this.#waitingFor.chars +=
      chars + charsOf(resourceNamesUnsubscribe) + charsOf(Object.values(initialResourceVersions))
  }

  #take(request: DeltaDiscoveryRequest): Answer | undefined {
    const { typeUrl = '', responseNonce = '', errorDetail } = request
    const lane = this.#lanes.get(typeUrl)
    if (!lane) {
      const { type } = this.#options.order.place(typeUrl)
      const cold = type.warms === undefined ? undefined : this.#lanes.get(type.warms)?.unwarmed
      const opened = this.#open(typeUrl)
      openLane(opened, request, this.#joins(opened), cold ?? new Set())
      settlePassing(opened)
      return undefined
    }
    const refused = errorDetail && this.#readRefusal(errorDetail.message ?? '')
    const answer = responseNonce === '' ? undefined : this.#takeAnswer(lane, responseNonce, refused)
    if (!isAhead(lane)) lane.aheadAcknowledged = this.#acknowledged.commit
    resubscribe(lane, request, this.#joins(lane))
    settlePassing(lane)
    return answer
  }

  #readRefusal(message: string): Refused {
    const named = this.#options.refusedIn?.(message)
    return {
      message: refusalWords(message),
      ...(named && { named: new Map([...named].map(([name, why]) => [name, refusalWords(why)])) }),
    }
  }

  #takeAnswer(lane: Lane, nonce: string, refusal: Refused | undefined): Answer {
    const { metrics, order, logger } = this.#options
    const sentAtMs = lane.flight?.sentAtMs ?? 0
    const type = order.label(lane.type.typeUrl)
    const answer = takeAnswer(lane, nonce, refusal)
    metrics.answers.add(1, { type, result: answer })
    if (answer !== 'stale') metrics.answerMs.observe(performance.now() - sentAtMs, { type })
    if (answer === 'nack') logger.debug('refused', { proxy: this.proxy, type, nonce, message: refusal?.message })
    return answer
  }

  #open(typeUrl: string): Lane {
    const { order, fleet } = this.#options
    const { type, phase } = order.place(typeUrl)
    const lane = createLane(type, fleet)
    if (order.warmers(typeUrl).length > 0) lane.unwarmed = new Set()
    this.#lanes.set(typeUrl, lane)
    this.#phases[phase]?.push(lane)
    this.#phases[phase]?.sort((one, other) => order.place(one.type.typeUrl).rank - order.place(other.type.typeUrl).rank)
    if (type.warms !== undefined) {
      const warmed = this.#lanes.get(type.warms)
      if (warmed) warmed.unwarmed = undefined
    }
    return lane
  }

  /** Whether what is asked for now can join the round: it would not bring in what a later commit changed. */
  #joins(lane: Lane): boolean {
    if (!this.#round) return false
    if (lane.type.onDemand) return true
    return lane.type.immediate === true || this.#round.revision === this.#options.fleet.revision
  }

  /** Sends all that may be sent now. True if the acknowledged commit moved. */
  #advance(): boolean {
    while (this.#sendSets() && this.#sendRemovals()) {
      this.#endRound()
      if (!this.#beginRound()) break
    }
    this.#sendLate()
    for (const lane of this.#lanes.values()) sendDemanded(lane, this.#wire)
    return this.#noteAcknowledged()
  }

  #sendSets(): boolean {
    let open = true
    for (const lanes of this.#phases) {
      for (const lane of lanes) if (sendSets(lane, open && !this.#isEarly(lane), this.#wire)) this.#warm(lane)
      open &&= !lanes.some(isSetting)
    }
    return open
  }

  #isEarly({ type, brought }: Lane): boolean {
    return brought && type.names !== undefined && !this.#lanes.has(type.names)
  }

  #sendRemovals(): boolean {
    for (const lanes of this.#phases.slice(1).reverse()) {
      for (const lane of lanes) sendRemovals(lane, this.#wire)
      if (lanes.some((lane) => isSetting(lane) || lane.removals.size > 0)) return false
    }
    const first = this.#phases[0] ?? []
    for (const lane of first) sendParts(lane, this.#wire)
    return !first.some((lane) => isSetting(lane) || removedParts(lane).length > 0)
  }

  #endRound(): void {
    if (!this.#round) return
    this.#reached = this.#round.commit
    this.#round = undefined
    const dueMs = performance.now() + this.#options.settings.removalDelayMs
    for (const { removals, late } of this.#phases[0] ?? []) {
      for (const [name, held] of removals) late.set(name, { held, dueMs })
      removals.clear()
    }
  }

  #beginRound(): boolean {
    const lanes = [...this.#lanes.values()].filter((lane) => lane.changed.size > 0)
    if (lanes.length === 0) return false
    const { commit, revision } = this.#options.fleet
    this.#round = { commit, revision }
    lanes.forEach(takeChanges)
    return true
  }

  /** What was just sent needs the resources of the same names of other types, even if those did not change (rule 17). */
  #warm(lane: Lane): void {
    for (const typeUrl of this.#options.order.warmers(lane.type.typeUrl)) {
      const warmer = this.#lanes.get(typeUrl)
      for (const [name, resource] of lane.flight?.batch ?? []) {
        if (!resource) continue
        if (warmer) askAgain(warmer, name, this.#joins(warmer))
        else lane.unwarmed?.add(name)
      }
    }
  }

  /** A proxy that refuses something may still use what the refused content would have let go. */
  #sendLate(): void {
    const lanes = this.#phases[0] ?? []
    if (!lanes.some((lane) => lane.late.size > 0) || this.#refuses()) return
    // One moment for all, so that no removal overtakes another of the same round.
    const nowMs = performance.now()
    for (const lane of lanes) {
      sendLate(lane, nowMs, this.#wire)
      if (lane.flight) break
    }
    const dueMs = lanes.flatMap(({ late }) => late.values().next().value?.dueMs ?? []).filter((ms) => ms > nowMs)
    clearTimeout(this.#lateTimer)
    if (dueMs.length > 0) this.#lateTimer = setTimeout(() => this.#advance(), Math.min(...dueMs) - nowMs + 1).unref()
  }

  #refuses(): boolean {
    const [first = [], ...later] = this.#phases
    return later.flat().some((lane) => lane.refused.size > 0) || first.some((lane) => refusals(lane).length > 0)
  }

  #isIdle(): boolean {
    if (this.#round) return false
    for (const lane of this.#lanes.values()) if (isBusy(lane) || this.#isHalfAsked(lane)) return false
    return this.#options.order.expected.every((typeUrl) => this.#lanes.has(typeUrl))
  }

  /** A proxy that comes back asks type by type: until it is through, nobody knows what it lacks. */
  #isHalfAsked({ type, brought }: Lane): boolean {
    const { fleet } = this.#options
    const isMissing = (typeUrl: string | undefined): boolean =>
      typeUrl !== undefined && !this.#lanes.has(typeUrl) && fleet.resources(typeUrl).size > 0
    return brought && (isMissing(type.names) || isMissing(type.entails))
  }

  #noteAcknowledged(): boolean {
    let commit = this.#isIdle() ? this.#options.fleet.commit : this.#reached
    for (const lane of this.#lanes.values()) if (isAhead(lane)) commit = Math.min(commit, lane.aheadAcknowledged)
    if (commit === this.#acknowledged.commit) return false
    this.#acknowledged = { commit, atMs: this.#options.nowMs() }
    return true
  }

  #send(lane: Lane, batch: NonNullable<Lane['flight']>['batch']): string {
    const { fleet, metrics, order, ownBody, write } = this.#options
    const { serial, bytes } = fleet.message(lane.type.typeUrl, batch, lane.lastSerial, ownBody)
    const type = { type: order.label(lane.type.typeUrl) }
    lane.lastSerial = serial
    metrics.responses.add(1, type)
    metrics.resources.add(batch.size, type)
    metrics.bytes.add(bytes.length, type)
    write(bytes)
    return String(serial)
  }
}
