// What the contract needs of each bus: clients, and the misfortunes of a broker.
import { type Bus, type BusOptions, busPartsOf, createBus } from '../bus.ts'
import type { BusSettings } from '../settings.ts'
import type { Transport } from '../transport.ts'

export interface ClientOptions extends Partial<BusOptions> {
  /** Stands between the bus and its broker. */
  wrap?(transport: Transport): Transport
}

export interface Rig extends AsyncDisposable {
  /** A new installation for each test: nothing of another is seen. */
  readonly install: string
  connect(options?: ClientOptions): Promise<Bus>
  /** The broker itself, for a writer that keeps no rules. */
  transport(): Promise<Transport>
  /** Killed and started on what it had stored. */
  restart(): Promise<void>
  /** Killed and started with nothing stored. */
  wipe(): Promise<void>
}

/** A broker that outlives a test. */
export interface Broker extends AsyncDisposable {
  transport(options: BusOptions): Promise<Transport>
  restart(): Promise<void>
  wipe(): Promise<void>
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
    async connect({ wrap, ...overrides } = {}) {
      const options: BusOptions = { install, service: 'writer', source: 'local', ...overrides }
      const settings = { ...quick, ...overrides.settings }
      const parts = busPartsOf({ ...options, settings })
      const transport = await broker.transport({ ...options, settings })
      const bus = createBus(wrap?.(transport) ?? transport, options, parts)
      open.push(bus)
      return bus
    },
    async transport() {
      const options = { install, service: 'rogue', source: 'local', settings: quick }
      const transport = await broker.transport(options)
      open.push({ [Symbol.asyncDispose]: () => transport.close() })
      return transport
    },
    restart: () => broker.restart(),
    wipe: () => broker.wipe(),
    async [Symbol.asyncDispose]() {
      await Promise.all(open.map((part) => part[Symbol.asyncDispose]()))
    },
  }
}
