// The bus as services see it, on whatever transport: who publishes, who follows, who leads.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { type Logger, type Meter, silentLogger, silentMeter } from '@penstock/telemetry'
import { type Announcer, SharedWriter } from './announcer.ts'
import type { Channel, CommittedChannel, SharedChannel } from './channel.ts'
import { channels } from './channels.ts'
import { type Clock, systemClock } from './clock.ts'
import { CommitReader } from './commit-reader.ts'
import { CommitWriter } from './commit-writer.ts'
import { type BusEvents, createBusEvents } from './events.ts'
import type { Follower, FollowOptions, ListenOptions } from './follower.ts'
import { type Inspected, type InspectedPart, type Inspection, inspection } from './inspection.ts'
import { type Journal, keepJournal } from './journal.ts'
import { type FollowedInput, LeadAfter, type LeadOptions } from './lead-after.ts'
import { Leadership } from './leadership.ts'
import type { Publisher, PublisherOptions } from './publisher.ts'
import { ReaderGate } from './reader-gate.ts'
import { createReaderPresence, type ReaderPresence } from './reader-presence.ts'
import { type BusSettings, settingsWith } from './settings.ts'
import { SharedReader } from './shared-reader.ts'
import type { StreamDoor, Tail, TailSink } from './stream-door.ts'
import { StreamKeeper } from './stream-keeper.ts'
import {
  checkedPlace,
  createSubjectSpace,
  leaseBucket,
  leaseKey,
  type Place,
  type SubjectSpace,
} from './subject-space.ts'
import type { Transport } from './transport.ts'

export interface Bus extends AsyncDisposable {
  /** Writes a channel with one writer, while this process leads its service. */
  publish<V>(channel: CommittedChannel<V>, options: PublisherOptions<V>): Publisher
  follow<V>(channel: CommittedChannel<V>, options: FollowOptions<V>): Follower
  /** Writes a channel with many writers. */
  announce<V>(channel: SharedChannel<V>): Announcer<V>
  listen<V>(channel: SharedChannel<V>, options: ListenOptions<V>): Follower
  /** Leads without publishing, for writers to Kubernetes; the lease is the same as that of `publish`. */
  lead(options: LeadOptions): Lead
  subject<V>(channel: Channel<V>, key: string): string
  /**
   * For a debug page: connection, lease and every channel that is in use; or, with `<channel>/<key>`, since which commit
   * the key stands as it does. Undefined: nothing is known by that path.
   */
  inspect(path?: string): Inspection | readonly Inspection[] | undefined
  readonly connected: boolean
  /** Resolves when the connection is given up for good, with the reason if it was not asked for. */
  readonly closed: Promise<Error | undefined>
}

export interface Lead extends AsyncDisposable {
  /** To be asked before each write: false as soon as another process might lead. */
  readonly held: boolean
  /** Undefined while not held. */
  readonly term: number | undefined
}

export interface BusOptions extends Place {
  /** The name of this replica; default: the machine's. */
  instance?: string
  /** Told of a process that writes: for whom it waits before it may lead; undefined: for nobody. */
  onReaders?(waitsFor: string | undefined): void
  settings?: Partial<BusSettings>
  logger?: Logger
  meter?: Meter
  clock?: Clock
}

export interface BusParts extends Required<Pick<BusOptions, 'instance' | 'onReaders'>> {
  readonly settings: BusSettings
  readonly events: BusEvents
  readonly clock: Clock
  readonly journal: Journal
}

export function busPartsOf(options: BusOptions): BusParts {
  checkedPlace(options)
  const logger = (options.logger ?? silentLogger).child({ component: 'bus' })
  const clock = options.clock ?? systemClock
  const { events, journal } = keepJournal(createBusEvents(logger, options.meter ?? silentMeter), clock)
  const { instance = hostname(), onReaders = () => {} } = options
  return { settings: settingsWith(options.settings), events, clock, journal, instance, onReaders }
}

export function createBus(transport: Transport, place: Place, parts: BusParts): Bus {
  return new TransportBus(transport, place, parts)
}

class TransportBus implements Bus {
  readonly #transport: Transport
  readonly #place: Place
  readonly #parts: BusParts
  readonly #open = new Set<AsyncDisposable>()
  readonly #inspected: InspectedPart[] = []
  readonly #followed = new Set<FollowedInput>()
  readonly #leads = new Set<LeadAfter>()
  readonly #holder = randomUUID()
  readonly #leadership: Leadership
  #gate: ReaderGate | undefined
  #presence: ReaderPresence | undefined

  constructor(transport: Transport, place: Place, parts: BusParts) {
    this.#transport = transport
    this.#place = place
    this.#parts = parts
    const store = transport.leases(leaseBucket(place.install))
    const connected = (): boolean => transport.connected
    const mayLead = async (): Promise<boolean> => ((await this.#gate?.open()) ?? true) && (await this.#mayStand())
    const holder = this.#holder
    this.#leadership = new Leadership({ ...parts, store, key: leaseKey(place), holder, connected, mayLead })
    transport.ledWhile(() => this.#leadership.held)
    for (const channel of Object.values(channels)) {
      if (channel.writers === 'many' && channel.keeper === place.service) this.#keepStream(channel)
    }
  }

  get connected(): boolean {
    return this.#transport.connected
  }

  get closed(): Promise<Error | undefined> {
    return this.#transport.closed
  }

  subject<V>(channel: Channel<V>, key: string): string {
    return createSubjectSpace(this.#place, channel).of(key)
  }

  publish<V>(channel: CommittedChannel<V>, options: PublisherOptions<V>): Publisher {
    this.#gate ??= this.#openGate()
    this.#gate?.writes(channel)
    const { maxMessageBytes } = this.#transport
    const context = { ...this.#parts, ...this.#streamOf(channel), channel, maxMessageBytes }
    const writer = new CommitWriter({ ...context, transport: this.#transport, leadership: this.#leadership }, options)
    return this.#kept(this.#inspects(channel, 'publishes', writer))
  }

  announce<V>(channel: SharedChannel<V>): Announcer<V> {
    const context = { ...this.#parts, ...this.#streamOf(channel), channel, transport: this.#transport }
    const writer = new SharedWriter({ ...context, creates: channel.keeper === undefined })
    return this.#kept(this.#inspects(channel, 'announces', writer))
  }

  follow<V>(channel: CommittedChannel<V>, options: FollowOptions<V>): Follower {
    const presence = (this.#presence ??= this.#openPresence())
    const onReading = (does: boolean): void => presence?.reads(channel, does)
    const onProgress = (): void => {
      for (const lead of this.#leads) lead.look()
    }
    return this.#tailed(channel, (subjects, hooks, door) => {
      const onClosed = (): void => void this.#followed.delete(reader)
      const told = { ...hooks, onReading, onProgress, onClosed }
      const reader = new CommitReader({ ...this.#parts, ...told, channel, subjects, door, options })
      this.#followed.add(reader)
      return this.#inspects(channel, 'follows', reader)
    })
  }

  listen<V>(channel: SharedChannel<V>, options: ListenOptions<V>): Follower {
    return this.#tailed(channel, (subjects, hooks) => {
      const reader = new SharedReader({ ...this.#parts, ...hooks, channel, subjects, options })
      return this.#inspects(channel, 'listens', reader)
    })
  }

  lead(options: LeadOptions): Lead {
    const inputsOf = (channel: string): FollowedInput[] =>
      [...this.#followed].filter((input) => input.channel === channel)
    const lead = new LeadAfter({ ...this.#parts, leadership: this.#leadership, inputsOf }, options)
    this.#leads.add(lead)
    const leave = this.#leadership.join(lead)
    return {
      get held() {
        return lead.held
      },
      get term() {
        return lead.term
      },
      [Symbol.asyncDispose]: async () => {
        leave()
        this.#leads.delete(lead)
        lead[Symbol.dispose]()
      },
    }
  }

  async #mayStand(): Promise<boolean> {
    for (const lead of this.#leads) if (!(await lead.mayStand())) return false
    return true
  }

  #openPresence(): ReaderPresence | undefined {
    const { service } = this.#place
    const { presence } = channels
    if (!presence.publishers.some((each) => each === service)) return undefined
    const { instance } = this.#parts
    return this.#kept(
      createReaderPresence(this.announce(presence), { service, instance, process: this.#holder.slice(0, 8) }),
    )
  }

  #openGate(): ReaderGate | undefined {
    const { presence, ...others } = channels
    if (!presence.readers.some((each) => each === this.#place.service)) return undefined
    if (this.#parts.settings.readersWaitMs === 0) {
      this.#parts.onReaders(undefined)
      return undefined
    }
    const { door } = this.#streamOf(presence)
    const gate = new ReaderGate({
      ...this.#parts,
      isStreamThere: async () => (await door.info()) !== undefined,
      isLeading: () => this.#leadership.held,
      isConnected: () => this.#transport.connected,
      rows: Object.values(others).filter((row) => row.writers === 'one'),
      onChange: this.#parts.onReaders,
      onOpen: () => this.#leadership.tryNow(),
    })
    const leave = this.#transport.onConnected(() => gate.reconnected())
    const listener = this.listen(presence, { onChange: (changes) => gate.hear(changes) })
    void listener.whenSynced().then(() => gate.know())
    this.#kept({
      async [Symbol.asyncDispose]() {
        leave()
        gate[Symbol.dispose]()
      },
    })
    return gate
  }

  #keepStream(channel: { readonly name: string; readonly major: number }): void {
    const { door } = this.#streamOf(channel)
    this.#kept(new StreamKeeper({ ...this.#parts, transport: this.#transport, channel, door }))
  }

  inspect(path = ''): Inspection | readonly Inspection[] | undefined {
    const { install, service, source } = this.#place
    const { connection, leadership, lastFault } = this.#parts.journal
    const whole: Inspection = {
      ...{ install, service, source },
      connection: { connected: this.connected, ...connection },
      leadership: {
        leading: this.#leadership.held,
        term: this.#leadership.term,
        ...leadership,
        waitsFor: [...this.#leads].find((lead) => lead.waitsFor !== undefined)?.waitsFor,
      },
      readers: this.#gate?.inspect(),
      lastFault,
    }
    return inspection(path, whole, this.#inspected)
  }

  #inspects<V, T extends Inspected>(channel: Channel<V>, does: InspectedPart['does'], part: T): T {
    const { stream } = createSubjectSpace(this.#place, channel)
    this.#inspected.push({ channel: channel.name, stream, does, part })
    return part
  }

  #streamOf(channel: { readonly name: string; readonly major: number }): { subjects: SubjectSpace; door: StreamDoor } {
    const subjects = createSubjectSpace(this.#place, channel)
    return { subjects, door: this.#transport.stream({ name: subjects.stream, subjects: subjects.all }) }
  }

  #tailed<V>(
    channel: Channel<V>,
    readerOf: (subjects: SubjectSpace, hooks: ReaderHooks, door: StreamDoor) => Reader,
  ): Follower {
    const { subjects, door } = this.#streamOf(channel)
    const first = Promise.withResolvers<void>()
    let synced = false
    const attached: { tail?: Tail } = {}
    const onSynced = (): void => {
      synced = true
      first.resolve()
    }
    const reader = readerOf(subjects, { onSynced, restart: (reason) => attached.tail?.restart(reason) }, door)
    const opened = door.tail(reader)
    attached.tail = opened
    return this.#kept({
      get synced() {
        return synced
      },
      get applied() {
        return reader.applied ?? 0
      },
      whenSynced: () => first.promise,
      async [Symbol.asyncDispose]() {
        reader.close()
        await opened[Symbol.asyncDispose]()
      },
    })
  }

  #kept<T extends AsyncDisposable>(part: T): T {
    this.#open.add(part)
    return part
  }

  /** Finishes the commit in flight, gives the lease up, closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open].map((part) => part[Symbol.asyncDispose]()))
    await this.#leadership[Symbol.asyncDispose]()
    await this.#transport.close()
  }
}

interface ReaderHooks {
  onSynced(): void
  restart(reason: string): void
}

interface Reader extends TailSink {
  readonly applied?: number
  close(): void
}
