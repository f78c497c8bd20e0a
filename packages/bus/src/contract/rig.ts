// What the contract needs of each bus: clients, and the misfortunes of a broker.
import { type Bus, type BusOptions, busPartsOf, createBus } from '../bus.ts'
import type { BusSettings } from '../settings.ts'
import type { Transport } from '../transport.ts'
import { type Line, soundLine } from './line.ts'

export interface ClientOptions extends Partial<BusOptions> {
  /** Stands between the bus and its broker. */
  wrap?(transport: Transport): Transport
  line?: Line
}

/** What can happen to a broker. */
export interface Misfortunes {
  /** Killed and started on what it had stored. */
  restart(): Promise<void>
  /** Killed and started with nothing stored. */
  wipe(): Promise<void>
  /** Answers how to kill it and start it on what it has stored now: whatever came later is lost. */
  save(): Promise<() => Promise<void>>
  /** Stands still; answers how to thaw it. */
  freeze(): Promise<() => void>
}

export interface Rig extends Misfortunes, AsyncDisposable {
  /** A new installation for each test: nothing of another is seen. */
  readonly install: string
  connect(options?: ClientOptions): Promise<Bus>
  /** The broker itself, for a writer that keeps no rules. */
  transport(): Promise<Transport>
}

/** A broker that outlives a test. */
export interface Broker extends Misfortunes, AsyncDisposable {
  transport(options: BusOptions, line: Line): Promise<Transport>
}

/** Timers short enough for a test, in the proportions of the defaults. */
export const quick: Partial<BusSettings> = {
  heartbeatMs: 400,
  cureMs: 200,
  leaseTtlMs: 1_200,
  leaseDeadlineMs: 900,
  leaseRenewMs: 200,
  leaseRetryMs: 100,
  requestTimeoutMs: 1_500,
  reconnectWaitMs: 50,
  connectTimeoutMs: 1_000,
}

let installs = 0

export function createRig(broker: Broker): Rig {
  installs += 1
  const install = `test-${installs}`
  const open: AsyncDisposable[] = []
  return {
    install,
    async connect({ wrap, line = soundLine, ...overrides } = {}) {
      const options: BusOptions = { install, service: 'writer', source: 'local', ...overrides }
      const settings = { ...quick, ...overrides.settings }
      const parts = busPartsOf({ ...options, settings })
      const transport = await broker.transport({ ...options, settings }, line)
      const bus = createBus(wrap?.(transport) ?? transport, options, parts)
      open.push(bus)
      return bus
    },
    async transport() {
      const options = { install, service: 'rogue', source: 'local', settings: quick }
      const transport = await broker.transport(options, soundLine)
      open.push({ [Symbol.asyncDispose]: () => transport.close() })
      return transport
    },
    restart: () => broker.restart(),
    wipe: () => broker.wipe(),
    save: () => broker.save(),
    freeze: () => broker.freeze(),
    async [Symbol.asyncDispose]() {
      await Promise.all(open.map((part) => part[Symbol.asyncDispose]()))
    },
  }
}
