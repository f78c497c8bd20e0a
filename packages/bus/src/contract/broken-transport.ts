// Transports on which something goes wrong at a chosen moment.
import { Fault } from '@penstock/fault'
import type { OutMessage, StreamDoor, TailSink } from '../stream-door.ts'
import type { LeaseStore, Transport } from '../transport.ts'

type Append = StreamDoor['append']

/** The transport with another stream door and, if it may die, its end. */
function around(transport: Transport, wrapped: (door: StreamDoor) => StreamDoor, connected = () => true): Transport {
  return {
    get connected() {
      return connected() && transport.connected
    },
    maxMessageBytes: transport.maxMessageBytes,
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

/** Frozen in the middle of a write: from `freeze` on, what is sent waits until `thaw`. */
export function freezable(concerns: (message: OutMessage) => boolean = () => true): {
  freeze(): void
  thaw(): void
  readonly waiting: number
  wrap(transport: Transport): Transport
} {
  let gate: PromiseWithResolvers<void> | undefined
  let waiting = 0
  return {
    get waiting() {
      return waiting
    },
    freeze() {
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
            waiting += 1
            await gate.promise
          }
          return append(messages, expected)
        }
      }
      return withAppend(transport, slow)
    },
  }
}
