// A writer of a channel with many: each record is one message, written again on a timer so that it outlives its time to
// live only while its writer does. Losing NATS loses nothing: everything is written again after each connect.
import { Fault, retry } from '@penstock/fault'
import type { SharedChannel } from './channel.ts'
import type { BusEvents } from './events.ts'
import type { Inspected, Inspection } from './inspection.ts'
import { tombstone } from './message-headers.ts'
import { sizeFault } from './record-size.ts'
import type { BusSettings } from './settings.ts'
import type { OutMessage, StreamDoor } from './stream-door.ts'
import type { SubjectSpace } from './subject-space.ts'
import type { Transport } from './transport.ts'

export interface Announcer<V> extends AsyncDisposable {
  /** A record over the limit is refused and reported; the one before it stays. */
  put(key: string, value: V): void
  /** On a channel that keeps records until they are removed: also what another writer put there. */
  delete(key: string): void
}

export interface AnnouncerContext<V> {
  channel: SharedChannel<V>
  subjects: SubjectSpace
  settings: BusSettings
  transport: Transport
  door: StreamDoor
  events: BusEvents
  /** Whether writers of this channel create its stream; else its keeper does, and they wait for it. */
  creates: boolean
}

export class SharedWriter<V> implements Announcer<V>, Inspected {
  readonly #context: AnnouncerContext<V>
  /** What is announced now, by key. */
  readonly #records = new Map<string, Uint8Array>()
  /** Keys to be written; undefined in `records`: to be removed. */
  #due = new Set<string>()
  #ensured: boolean
  #running = false
  #finished: Promise<void> = Promise.resolve()
  readonly #closing = new AbortController()
  readonly #leave: (() => void)[] = []

  constructor(context: AnnouncerContext<V>) {
    this.#context = context
    this.#ensured = !context.creates
    const { retention } = context.channel
    this.#leave.push(context.transport.onConnected(() => this.#again()))
    if (retention !== 'last') {
      const timer = setInterval(() => this.#refresh(), retention.refreshMs)
      this.#leave.push(() => clearInterval(timer))
    }
    this.#run()
  }

  put(key: string, value: V): void {
    const { channel, subjects, settings, transport, events } = this.#context
    const data = channel.codec.encode(value)
    const before = this.#records.get(key)
    if (before !== undefined && Buffer.compare(before, data) === 0) return
    const limits = { settings, maxMessageBytes: transport.maxMessageBytes }
    const tooLarge = sizeFault(limits, { key, subject: subjects.of(key), data })
    if (tooLarge !== undefined) return events.recordRefused(channel.name, key, tooLarge)
    this.#records.set(key, data)
    this.#write(key)
  }

  delete(key: string): void {
    const known = this.#records.delete(key)
    // What is kept until it is removed may be of another writer, or of an earlier life of this one.
    if (known || this.#context.channel.retention === 'last') this.#write(key)
  }

  #write(key: string): void {
    this.#due.add(key)
    this.#run()
  }

  #refresh(): void {
    for (const key of this.#records.keys()) this.#due.add(key)
    this.#run()
  }

  /** A new connection may be one to an emptied server. */
  #again(): void {
    this.#ensured = !this.#context.creates
    this.#refresh()
  }

  #run(): void {
    if (this.#running || this.#closing.signal.aborted) return
    this.#running = true
    this.#finished = Promise.resolve().then(() => this.#writeAll())
  }

  async #writeAll(): Promise<void> {
    const { events, channel, transport } = this.#context
    const onFault = (fault: Fault): void => events.fault(fault, { channel: channel.name })
    try {
      while (transport.connected && (!this.#ensured || this.#due.size > 0)) {
        await retry(() => this.#writeDue(), { signal: this.#closing.signal, maxDelayMs: 2_000, onFault })
      }
    } catch (thrown) {
      if (!this.#closing.signal.aborted) throw thrown
    } finally {
      this.#running = false
    }
  }

  async #writeDue(): Promise<void> {
    // A new connection runs us again.
    if (!this.#context.transport.connected) return
    const keys = [...this.#due]
    this.#due = new Set()
    try {
      if (!this.#ensured) await this.#context.door.ensure()
      this.#ensured = true
      await Promise.all(keys.map((key) => this.#context.door.put(this.#messageOf(key))))
    } catch (thrown) {
      this.#ensured = !this.#context.creates
      for (const key of keys) this.#due.add(key)
      const fault = Fault.from(thrown)
      throw fault.retry ? fault : new Fault('bus_refused', fault.message, { cause: fault })
    }
  }

  #messageOf(key: string): OutMessage {
    const { subjects, settings, channel } = this.#context
    const subject = subjects.of(key)
    const data = this.#records.get(key)
    const lifeMs = channel.retention === 'last' ? undefined : channel.retention.expiryMs
    if (data === undefined) return { ...tombstone(subject, settings), ttlMs: lifeMs ?? settings.tombstoneMs }
    return lifeMs === undefined ? { subject, data } : { subject, data, ttlMs: lifeMs }
  }

  inspect(): Inspection {
    return { records: this.#records.size, due: this.#due.size }
  }

  inspectKey(key: string): Inspection {
    return { announced: this.#records.has(key), due: this.#due.has(key) }
  }

  /** Takes back what expires anyway; what is kept until removed stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const leave of this.#leave) leave()
    if (this.#context.channel.retention !== 'last') for (const key of [...this.#records.keys()]) this.delete(key)
    const patience = setTimeout(() => this.#closing.abort(new Fault('bus_unreachable', 'closing')), closePatienceMs)
    await this.#finished
    clearTimeout(patience)
    this.#closing.abort(new Fault('bus_unreachable', 'closed'))
  }
}

const closePatienceMs = 1_000
