// Delivery of a stream: an ephemeral push consumer of our own under a watchdog. The library's ordered consumers notice a
// dead consumer late, stall after a reset, and skip silently when a stream was created anew; this one checks every
// delivery sequence, hears a heartbeat every few seconds, and starts again where it stopped, or from the start.
import { AckPolicy, type ConsumerInfo, DeliverPolicy, ReplayPolicy } from '@nats-io/jetstream'
import { createInbox, type Msg, nanos, nuid } from '@nats-io/transport-node'
import { Fault, retry } from '@penstock/fault'
import { infoOf, natsStreamInfo } from './nats-stream-info.ts'
import type { NatsTransportContext } from './nats-transport.ts'
import type { StreamDefinition, StreamMessage, Tail, TailSink } from './stream-door.ts'
import { resumeFrom, type StreamInfo } from './stream-position.ts'

export function createNatsTail(context: NatsTransportContext, definition: StreamDefinition, sink: TailSink): Tail {
  return new NatsTail(context, definition, sink)
}

/** One consumer's time. */
interface Attachment {
  readonly consumer: string
  readonly inbox: string
  /** Delivered and not passed on yet: until the stream behind the consumer is known, nothing is. */
  waiting: Msg[] | undefined
  deliverySequence: number
  heardMs: number
  end(): void
}

class NatsTail implements Tail {
  readonly #context: NatsTransportContext
  readonly #definition: StreamDefinition
  readonly #sink: TailSink
  readonly #closing = new AbortController()
  readonly #leave: (() => void)[]
  readonly #finished: Promise<void>
  /** What was passed on last. */
  #position: StreamInfo | undefined
  #attachment: Attachment | undefined
  /** Resolved when the attachment that was begun last has ended. */
  #broken = Promise.withResolvers<void>()

  constructor(context: NatsTransportContext, definition: StreamDefinition, sink: TailSink) {
    this.#context = context
    this.#definition = definition
    this.#sink = sink
    const watchdog = setInterval(() => this.#checkSilence(), context.settings.heartbeatMs / 2)
    this.#leave = [() => clearInterval(watchdog), context.connection.onConnected(() => this.#break('reconnected'))]
    this.#finished = this.#attachForever()
  }

  restart(reason: string): void {
    this.#position = undefined
    this.#break(reason)
  }

  #break(reason: string): void {
    if (this.#attachment === undefined) return
    this.#context.events.tailBroken(this.#definition.name, reason)
    this.#detach()
    this.#broken.resolve()
  }

  async #attachForever(): Promise<void> {
    const { signal } = this.#closing
    const { events } = this.#context
    let last = ''
    const onFault = (fault: Fault): void => {
      // A stream that its writer has not created yet is asked for often, but said once.
      const say = fault.message === last ? events.faultAgain : events.fault
      last = fault.message
      say(fault, { stream: this.#definition.name })
    }
    try {
      while (!signal.aborted) {
        await retry(() => this.#attach(), { signal, minDelayMs: 20, maxDelayMs: 250, onFault })
        last = ''
        await this.#broken.promise
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    }
  }

  async #attach(): Promise<void> {
    const resume = this.#position !== undefined && this.#position.lastSequence > 0
    const attachment = this.#listen()
    try {
      const consumer = await this.#createConsumer(attachment, resume)
      // Asked after the consumer was made: it cannot be of an older stream than this without going silent.
      const found = await natsStreamInfo(this.#context, this.#definition.name)
      if (found === undefined) throw new Fault('stream_missing', 'the stream is gone')
      this.#begin(attachment, consumer, infoOf(found), resume)
    } catch (thrown) {
      if (this.#attachment === attachment) this.#detach()
      throw thrown
    }
  }

  #listen(): Attachment {
    const { nats } = this.#context.connection
    const inbox = createInbox(this.#context.inboxPrefix)
    const subscription = nats.subscribe(inbox, {
      callback: (error, message) => {
        if (this.#attachment !== attachment) return
        if (error !== null) return this.#break('refused')
        attachment.heardMs = this.#context.clock.monotonicMs()
        if (attachment.waiting === undefined) this.#take(attachment, message)
        else attachment.waiting.push(message)
      },
    })
    const attachment: Attachment = {
      consumer: nuid.next(),
      inbox,
      waiting: [],
      deliverySequence: 0,
      heardMs: this.#context.clock.monotonicMs(),
      end: () => subscription.unsubscribe(),
    }
    this.#attachment = attachment
    return attachment
  }

  #createConsumer(attachment: Attachment, resume: boolean): Promise<ConsumerInfo> {
    const { connection, manager, settings } = this.#context
    const start = resume
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.#position?.lastSequence ?? 0 }
      : { deliver_policy: DeliverPolicy.LastPerSubject }
    return connection.ask(() =>
      manager.consumers.add(this.#definition.name, {
        ...start,
        name: attachment.consumer,
        filter_subject: this.#definition.subjects,
        deliver_subject: attachment.inbox,
        ack_policy: AckPolicy.None,
        replay_policy: ReplayPolicy.Instant,
        flow_control: true,
        idle_heartbeat: nanos(settings.heartbeatMs),
        inactive_threshold: nanos(settings.heartbeatMs * 10),
        mem_storage: true,
        num_replicas: 1,
      }),
    )
  }

  #begin(attachment: Attachment, consumer: ConsumerInfo, info: StreamInfo, resume: boolean): void {
    if (this.#attachment !== attachment) throw new Fault('bus_unreachable', 'interrupted while delivery was set up')
    if (resume && resumeFrom(this.#position, info) === undefined) {
      this.#position = undefined
      throw new Fault('bus_unreachable', 'the stream was created anew or lost messages; reading all of it')
    }
    this.#broken = Promise.withResolvers<void>()
    if (!resume) this.#position = { createdMs: info.createdMs, lastSequence: 0 }
    this.#guarded(() => {
      this.#sink.start({ createdMs: info.createdMs, fresh: !resume })
      if (consumer.num_pending === 0) this.#sink.drained()
    })
    const waiting = attachment.waiting ?? []
    attachment.waiting = undefined
    for (const message of waiting) if (this.#attachment === attachment) this.#take(attachment, message)
  }

  #take(attachment: Attachment, message: Msg): void {
    if (message.headers !== undefined && message.headers.code > 0) return this.#takeControl(attachment, message)
    const delivery = deliveryOf(message.reply)
    if (delivery === undefined) return
    if (delivery.deliverySequence !== attachment.deliverySequence + 1) return this.#break('gap')
    attachment.deliverySequence += 1
    this.#position = { createdMs: this.#position?.createdMs ?? 0, lastSequence: delivery.sequence }
    this.#guarded(() => {
      this.#sink.message(messageOf(message, delivery))
      if (delivery.pending === 0) this.#sink.drained()
    })
  }

  /** Flow control and heartbeats have code 100. */
  #takeControl(attachment: Attachment, message: Msg): void {
    const { nats } = this.#context.connection
    const { headers } = message
    if (headers?.code !== 100) return this.#break('ended by the server')
    if (message.reply !== undefined && message.reply !== '') return nats.publish(message.reply)
    const stalled = headers.get('Nats-Consumer-Stalled')
    if (stalled !== '') nats.publish(stalled)
    if (Number(headers.get('Nats-Last-Consumer')) !== attachment.deliverySequence) this.#break('gap')
  }

  /** The library swallows what a callback throws, but a bug must end the process. */
  #guarded(action: () => void): void {
    try {
      action()
    } catch (thrown) {
      process.nextTick(() => {
        throw thrown
      })
    }
  }

  #checkSilence(): void {
    const attachment = this.#attachment
    if (attachment === undefined || attachment.waiting !== undefined || !this.#context.connection.connected) return
    const silentMs = this.#context.clock.monotonicMs() - attachment.heardMs
    if (silentMs > 2 * this.#context.settings.heartbeatMs) this.#break('silence')
  }

  #detach(): void {
    const attachment = this.#attachment
    if (attachment === undefined) return
    this.#attachment = undefined
    attachment.end()
    const { connection, manager } = this.#context
    // It would go by itself after a while.
    connection.ask(() => manager.consumers.delete(this.#definition.name, attachment.consumer)).catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Fault('bus_unreachable', 'closed'))
    for (const leave of this.#leave) leave()
    this.#detach()
    this.#broken.resolve()
    await this.#finished
  }
}

interface Delivery {
  readonly sequence: number
  readonly deliverySequence: number
  readonly pending: number
}

/**
 * `$JS.ACK.<stream>.<consumer>.<count>.<stream sequence>.<delivery sequence>.<time>.<pending>`; a newer form has domain
 * and account in front and a random token behind.
 */
function deliveryOf(reply: string | undefined): Delivery | undefined {
  const tokens = reply?.split('.') ?? []
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9) return undefined
  const at = tokens.length === 9 ? 5 : 7
  return { sequence: Number(tokens[at]), deliverySequence: Number(tokens[at + 1]), pending: Number(tokens[at + 3]) }
}

function messageOf(message: Msg, { sequence, pending }: Delivery): StreamMessage {
  const headers: Record<string, string> = {}
  for (const [name, values] of message.headers ?? []) headers[name] = values[0] ?? ''
  return { subject: message.subject, sequence, data: message.data, headers, pending }
}
