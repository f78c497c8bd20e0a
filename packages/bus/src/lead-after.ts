// Leading with what one acts on read. A writer to Kubernetes whose picture is older than its predecessor's would undo what
// that one did, so the lease alone is not enough: the streams that it acts on are asked how far they are, and it leads
// once this process has applied all of that (design section 3).
import { Fault } from '@penstock/fault'
import type { Clock } from './clock.ts'
import type { BusEvents } from './events.ts'
import type { Candidate, Leadership, Term } from './leadership.ts'
import type { BusSettings } from './settings.ts'
import type { StreamInfo } from './stream-position.ts'

export interface LeadOptions {
  /**
   * The channels that this process acts on, which it follows on the same bus: it leads once it has applied their newest
   * commits. One that holds a channel back, or does not get that far, leaves the lease to its peers.
   */
  after?: readonly { readonly name: string }[]
  onLead?(term: number): void
  onFollow?(): void
}

/** A channel as its follower knows it. */
export interface FollowedInput {
  readonly channel: string
  info(): Promise<StreamInfo | undefined>
  /** What keeps its newest commit from being applied, whatever the stream holds; undefined: nothing. */
  readonly obstacle: string | undefined
  /** Whether everything was applied that a stream which is so far describes. */
  hasApplied(info: StreamInfo): boolean
}

export interface LeadAfterContext {
  readonly leadership: Pick<Leadership, 'held' | 'term' | 'resign' | 'tryNow'>
  readonly settings: BusSettings
  readonly clock: Clock
  readonly events: BusEvents
  /** Empty for a channel that is not followed. */
  inputsOf(channel: string): readonly FollowedInput[]
}

export class LeadAfter implements Candidate {
  readonly #context: LeadAfterContext
  readonly #options: LeadOptions
  readonly #channels: readonly string[]
  #term: Term | undefined
  #sinceMs = 0
  #leads = false
  /** How far the streams were when they were asked in this term. */
  #asked: ReadonlyMap<FollowedInput, StreamInfo | undefined> | undefined
  #retry: NodeJS.Timeout | undefined
  #waitsFor: string | undefined
  /** It gave the lease up: before it stands again, it must have caught up. */
  #gaveUp = false
  #couldStand = false

  constructor(context: LeadAfterContext, options: LeadOptions) {
    this.#context = context
    this.#options = options
    this.#channels = (options.after ?? []).map(({ name }) => name)
  }

  get held(): boolean {
    return this.#leads && this.#context.leadership.held
  }

  get term(): number | undefined {
    return this.#leads ? this.#context.leadership.term : undefined
  }

  /** Why it would not lead, or does not though it has the lease. */
  get waitsFor(): string | undefined {
    return this.#obstacle() ?? this.#waitsFor
  }

  /** Whether it may stand for election. */
  async mayStand(): Promise<boolean> {
    if (this.#obstacle() !== undefined) return false
    if (!this.#gaveUp) return true
    this.#asked = await this.#ask()
    this.#waitsFor = this.#lacks()
    this.#gaveUp = this.#waitsFor !== undefined
    return !this.#gaveUp
  }

  lead(term: Term): void {
    this.#term = term
    this.#sinceMs = this.#context.clock.monotonicMs()
    this.#asked = undefined
    if (this.#channels.length === 0) this.#begin()
    else void this.#catchUp(term)
  }

  follow(): void {
    clearTimeout(this.#retry)
    this.#term = undefined
    const led = this.#leads
    this.#leads = false
    if (led) this.#options.onFollow?.()
  }

  proceed(): void {}

  /** Something was applied, or is held back. */
  look(): void {
    const obstacle = this.#obstacle()
    const couldStand = this.#couldStand
    this.#couldStand = obstacle === undefined
    if (this.#term === undefined) {
      if (obstacle === undefined && !couldStand) this.#context.leadership.tryNow()
    } else if (obstacle !== undefined) this.#giveUp(obstacle)
    else if (!this.#leads && this.#asked !== undefined) this.#judge()
  }

  /** Asked again now and then: the stream may be created anew while it is waited for. */
  async #catchUp(term: Term): Promise<void> {
    try {
      const asked = await this.#ask()
      if (this.#term !== term) return
      this.#asked = asked
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      if (this.#term !== term) return
      this.#waitsFor = thrown.message
    }
    this.#judge()
    if (this.#term !== term || this.#leads) return
    this.#retry = setTimeout(() => void this.#catchUp(term), this.#context.settings.leaseRetryMs)
  }

  #judge(): void {
    const obstacle = this.#obstacle()
    if (obstacle !== undefined) return this.#giveUp(obstacle)
    const lacks = this.#asked === undefined ? this.#waitsFor : this.#lacks()
    if (lacks === undefined) return this.#begin()
    const { clock, settings, events } = this.#context
    // No longer than a peer would wait for the lease of one that died.
    if (clock.monotonicMs() - this.#sinceMs >= settings.leaseTtlMs) return this.#giveUp(lacks)
    if (this.#waitsFor !== lacks) events.waitsToLead(lacks)
    this.#waitsFor = lacks
  }

  #begin(): void {
    clearTimeout(this.#retry)
    this.#waitsFor = undefined
    this.#leads = true
    if (this.#term !== undefined) this.#options.onLead?.(this.#term.number)
  }

  #giveUp(reason: string): void {
    this.#gaveUp = true
    this.#waitsFor = reason
    this.#context.leadership.resign(reason)
  }

  async #ask(): Promise<ReadonlyMap<FollowedInput, StreamInfo | undefined>> {
    const inputs = this.#channels.flatMap((channel) => this.#context.inputsOf(channel))
    return new Map(await Promise.all(inputs.map(async (input) => [input, await input.info()] as const)))
  }

  #lacks(): string | undefined {
    for (const [input, info] of this.#asked ?? []) {
      // It is about to be made, by whoever knows what it should hold.
      if (info === undefined) return `the stream of ${input.channel}, which is not there`
      if (!input.hasApplied(info)) return `${input.channel} to be read as far as its writer is`
    }
    return undefined
  }

  #obstacle(): string | undefined {
    for (const channel of this.#channels) {
      const inputs = this.#context.inputsOf(channel)
      if (inputs.length === 0) return `${channel} to be followed`
      for (const { obstacle } of inputs) if (obstacle !== undefined) return `${channel}: ${obstacle}`
    }
    return undefined
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#retry)
  }
}
