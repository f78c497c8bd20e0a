// A process of the model: a bus on a line on which everything can go wrong. It can be frozen and thawed in the middle of
// a write, killed before or after the server stored one, cut off, be slow to read, or have a clock that jumped.
import { Fault } from '@penstock/fault'
import { type Bus, busPartsOf, createBus } from '../bus.ts'
import type { BusSettings } from '../settings.ts'
import type { OutMessage, StreamDoor } from '../stream-door.ts'
import type { LeaseStore, Transport } from '../transport.ts'
import { waitingTail } from '../waiting-tail.ts'
import type { Line, ModelBroker } from './broker.ts'
import { modelSettings } from './scene.ts'

export interface ProcessOptions {
  readonly install: string
  readonly service: string
  readonly settings?: Partial<BusSettings>
  /** How long each message to the server, and each answer, takes. */
  lagMs(): number
  readonly witness?: Witness
}

/** Sees what is sent and what was stored; `stream` is its name. */
export interface Witness {
  sending(stream: string, messages: readonly OutMessage[]): void
  stored(stream: string, messages: readonly OutMessage[]): void
}

export interface Process {
  readonly bus: Bus
  readonly alive: boolean
  readonly frozen: boolean
  /** It was never frozen nor paused. */
  readonly alert: boolean
  /** Nothing is sent, received or renewed until `thaw`; what was on its way goes on then. */
  freeze(): void
  thaw(): void
  /** Nothing of the streams that it follows is taken until `resume`; those that it writes are read all the same. */
  pause(): void
  resume(): void
  cut(): void
  join(): void
  kill(): void
  /** Dies in its n-th commit from now, `stored` or not. */
  dieIn(commits: number, stored: boolean): void
  /** Takes a death back that did not come. */
  live(): void
  skew(ms: number): void
  /** Ends in order. */
  stop(): Promise<void>
}

const dead = (): Fault => new Fault('bus_unreachable', 'dead')

export async function startProcess(broker: ModelBroker, options: ProcessOptions): Promise<Process> {
  const place = { install: options.install, service: options.service, source: 'local' }
  const settings = { ...modelSettings, ...options.settings }
  const line = await broker.connect({ ...place, settings })
  const body = createBody(line)
  let skewMs = 0
  const clock = { nowMs: () => Date.now() + skewMs, monotonicMs: () => performance.now() }
  const parts = busPartsOf({ ...place, settings, clock })
  const bus = createBus(wrapped(line.transport, body, options), place, parts)
  return {
    bus,
    ...body.controls,
    get alive() {
      return body.life.alive
    },
    get frozen() {
      return body.frozen
    },
    get alert() {
      return body.alert
    },
    skew(ms) {
      skewMs = ms
    },
    async stop() {
      body.controls.thaw()
      await bus[Symbol.asyncDispose]()
      body.controls.kill()
    },
  }
}

type Body = ReturnType<typeof createBody>

function createBody(line: Line) {
  let slow = false
  let alert = true
  let ice: PromiseWithResolvers<void> | undefined
  const life = createLife(line)
  const inboxes = new Set<() => void>()
  const flush = (): void => {
    for (const empty of inboxes) empty()
  }
  return {
    inboxes,
    life,
    get frozen() {
      return ice !== undefined
    },
    get slow() {
      return slow
    },
    get alert() {
      return alert
    },
    /** Takes nothing that comes. */
    get deaf() {
      return !life.alive || ice !== undefined
    },
    /** Waits while frozen. */
    async step(): Promise<void> {
      while (ice !== undefined) await ice.promise
      if (!life.alive) throw dead()
    },
    controls: {
      ...life.controls,
      freeze() {
        alert = false
        ice ??= Promise.withResolvers()
      },
      thaw() {
        ice?.resolve()
        ice = undefined
        flush()
      },
      pause() {
        alert = false
        slow = true
      },
      resume() {
        slow = false
        flush()
      },
      cut: () => line.cut(),
      join: () => {
        if (life.alive) line.join()
      },
    },
  }
}

function createLife(line: Line) {
  let alive = true
  let dying: { commits: number; stored: boolean } | undefined
  const kill = (): void => {
    alive = false
    line.cut()
  }
  return {
    get alive() {
      return alive
    },
    /** Asked before each write, and after it was stored. */
    survive(stored: boolean): void {
      if (dying === undefined) return
      if (!stored) dying.commits -= 1
      if (dying.commits < 0 && dying.stored === stored) kill()
      if (!alive) throw dead()
    },
    controls: {
      kill,
      dieIn(commits: number, stored: boolean) {
        dying = { commits, stored }
      },
      live() {
        dying = undefined
      },
    },
  }
}

function wrapped(transport: Transport, body: Body, options: ProcessOptions): Transport {
  const lag = async (): Promise<void> => {
    const ms = options.lagMs()
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
    await body.step()
  }
  const asked = async <T>(question: () => Promise<T>): Promise<T> => {
    await lag()
    const answer = await question()
    await lag()
    return answer
  }
  return {
    get connected() {
      return body.life.alive && transport.connected
    },
    maxMessageBytes: transport.maxMessageBytes,
    ledWhile: (leads) => transport.ledWhile(leads),
    closed: transport.closed,
    onConnected: (listener) => transport.onConnected(listener),
    close: () => transport.close(),
    leases: (bucket) => wrappedLeases(transport.leases(bucket), asked),
    stream(definition) {
      const door = transport.stream(definition)
      let writes = false
      const append: StreamDoor['append'] = async (messages, expected) => {
        options.witness?.sending(definition.name, messages)
        body.life.survive(false)
        const last = await asked(async () => {
          const stored = await door.append(messages, expected)
          if (stored !== undefined) options.witness?.stored(definition.name, messages)
          return stored
        })
        body.life.survive(true)
        return last
      }
      return {
        ensure() {
          writes = true
          return asked(() => door.ensure())
        },
        info: () => asked(() => door.info()),
        put: (message) => asked(() => door.put(message)),
        append,
        tail(sink) {
          const isDeaf = (): boolean => body.deaf || (body.slow && !writes)
          return waitingTail((through) => door.tail(through), sink, { inboxes: body.inboxes, isDeaf })
        },
      }
    },
  }
}

const wrappedLeases = (leases: LeaseStore, asked: <T>(question: () => Promise<T>) => Promise<T>): LeaseStore => ({
  create: (key, value) => asked(() => leases.create(key, value)),
  update: (key, value, revision) => asked(() => leases.update(key, value, revision)),
  get: (key) => asked(() => leases.get(key)),
  delete: (key, revision) => asked(() => leases.delete(key, revision)),
})
