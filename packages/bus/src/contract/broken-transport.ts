// Transports on which something goes wrong at a chosen moment.
import { Fault } from '@penstock/fault'
import type { OutMessage, StreamDoor, StreamMessage, TailSink } from '../stream-door.ts'
import type { LeaseStore, Transport } from '../transport.ts'

type Append = StreamDoor['append']

/** The transport with another stream door and, if it may die, its end. */
function around(transport: Transport, wrapped: (door: StreamDoor) => StreamDoor, connected = () => true): Transport {
  return {
    get connected() {
      return connected() && transport.connected
    },
    maxMessageBytes: transport.maxMessageBytes,
    ledWhile: (leads) => transport.ledWhile(leads),
    closed: transport.closed,
    onConnected: (listener) => transport.onConnected(listener),
    leases: (bucket) => whileAlive(transport.leases(bucket), connected),
    close: () => transport.close(),
    stream: (definition) => wrapped(transport.stream(definition)),
  }
}

const withAppend = (transport: Transport, wrapped: (append: Append) => Append, connected?: () => boolean): Transport =>
  around(
    transport,
    (door) => ({ ...door, append: wrapped((messages, expected) => door.append(messages, expected)) }),
    connected,
  )

/** Delivers other bytes than were stored, each time that `damage` says so at the start of a delivery. */
export function damagedTails(damage: () => boolean): (transport: Transport) => Transport {
  const damaging = (sink: TailSink): TailSink => {
    let damaged = false
    return {
      start(start) {
        damaged = damage()
        sink.start(start)
      },
      message: (message) => sink.message(damaged ? { ...message, data: message.data.toReversed() } : message),
      drained: () => sink.drained(),
    }
  }
  return (transport) => around(transport, (door) => ({ ...door, tail: (sink) => door.tail(damaging(sink)) }))
}

const dead = (): Fault => new Fault('bus_unreachable', 'dead')

function whileAlive(leases: LeaseStore, alive: () => boolean): LeaseStore {
  const check = async (): Promise<void> => {
    if (!alive()) throw dead()
  }
  return {
    create: (key, value) => check().then(() => leases.create(key, value)),
    update: (key, value, revision) => check().then(() => leases.update(key, value, revision)),
    get: (key) => check().then(() => leases.get(key)),
    delete: (key, revision) => check().then(() => leases.delete(key, revision)),
  }
}

/** Its process ends after `appends` commits: nothing more is sent, and its lease is not renewed. */
export function dyingAfter(appends: number): { readonly dead: boolean; wrap(transport: Transport): Transport } {
  let left = appends
  return {
    get dead() {
      return left < 0
    },
    wrap: (transport) => {
      const mortal = (append: Append): Append => {
        return async (messages: readonly OutMessage[], expected: number) => {
          left -= 1
          if (left >= 0) return append(messages, expected)
          throw dead()
        }
      }
      return withAppend(transport, mortal, () => left >= 0)
    },
  }
}

/** Frozen in the middle of a write: from `freeze` on, what is sent after so many commits waits until `thaw`. */
export function freezable(concerns: (message: OutMessage) => boolean = () => true): {
  freeze(after?: number): void
  thaw(): void
  readonly waiting: number
  wrap(transport: Transport): Transport
} {
  let gate: PromiseWithResolvers<void> | undefined
  let waiting = 0
  let left = 0
  return {
    get waiting() {
      return waiting
    },
    freeze(after = 0) {
      left = after
      gate = Promise.withResolvers<void>()
    },
    thaw() {
      gate?.resolve()
      gate = undefined
    },
    wrap: (transport) => {
      const slow = (append: Append): Append => {
        return async (messages, expected) => {
          if (gate !== undefined && messages.some(concerns)) {
            left -= 1
            if (left < 0) {
              waiting += 1
              await gate.promise
            }
          }
          return append(messages, expected)
        }
      }
      return withAppend(transport, slow)
    },
  }
}

/** Something happens before each commit is sent. */
export function gated(): { before(action: () => Promise<void>): void; wrap(transport: Transport): Transport } {
  let first = async (): Promise<void> => {}
  const waiting =
    (append: Append): Append =>
    async (messages, expected) => {
      await first()
      return append(messages, expected)
    }
  return { before: (action) => void (first = action), wrap: (transport) => withAppend(transport, waiting) }
}

/** Readers that take nothing from some message on, until all of them do. */
export function slowTails(): {
  from(message: number): (transport: Transport) => Transport
  begin(): void
  end(): void
} {
  let slow = false
  const ends: (() => void)[] = []
  const slowed = (sink: TailSink, message: number): TailSink => {
    let left = message
    const waiting: (() => void)[] = []
    const later = (action: () => void): void => {
      if (slow && left <= 0) waiting.push(action)
      else action()
    }
    ends.push(() => {
      for (const action of waiting.splice(0)) action()
    })
    return {
      start: (start) => later(() => sink.start(start)),
      message(next) {
        later(() => sink.message(next))
        if (slow) left -= 1
      },
      drained: () => later(() => sink.drained()),
    }
  }
  return {
    from: (message) => (transport) =>
      around(transport, (door) => ({ ...door, tail: (sink) => door.tail(slowed(sink, message)) })),
    begin: () => void (slow = true),
    end() {
      slow = false
      for (const end of ends) end()
    },
  }
}

/** Reads from a replica that lags: at first it knows nothing of the last messages, and says that there are no more. */
export function laggingTails(messages: number, lagMs: number): (transport: Transport) => Transport {
  const lagging = (sink: TailSink): TailSink => {
    let held: StreamMessage[] | undefined = []
    let late: StreamMessage[] | undefined
    const catchUp = (): void => {
      const missed = late ?? []
      late = undefined
      for (const message of missed) sink.message(message)
      sink.drained()
    }
    return {
      start: (start) => sink.start(start),
      message: (message) => void ((held ?? late)?.push(message) ?? sink.message(message)),
      drained() {
        if (late !== undefined) return
        if (held === undefined) return sink.drained()
        late = held.splice(Math.max(0, held.length - messages))
        for (const message of held) sink.message(message)
        held = undefined
        sink.drained()
        setTimeout(catchUp, lagMs)
      },
    }
  }
  return (transport) => around(transport, (door) => ({ ...door, tail: (sink) => door.tail(lagging(sink)) }))
}

/** Delivers in time, but says late that this is all. */
export function lateTails(lateMs: number): (transport: Transport) => Transport {
  const late = (sink: TailSink): TailSink => ({
    start: (start) => sink.start(start),
    message: (message) => sink.message(message),
    drained: () => void setTimeout(() => sink.drained(), lateMs),
  })
  return (transport) => around(transport, (door) => ({ ...door, tail: (sink) => door.tail(late(sink)) }))
}
