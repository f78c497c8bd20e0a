// One service in process, on a bus of its own, that can be ended and started again.
import type { Bus } from '@penstock/bus'
import type { Health } from '@penstock/service'

export interface ServiceSlot<T> extends AsyncDisposable {
  /** Throws while it is not running. */
  readonly service: T
  /** Whether every check of its present life passes. */
  readonly ready: boolean
  start(): Promise<void>
  /** In order, the bus last, as a process does on SIGTERM. */
  stop(): Promise<void>
}

export interface SlotParts {
  bus: Bus
  health: Health
}

export function createServiceSlot<T extends AsyncDisposable>(
  connect: () => Promise<Bus>,
  open: (parts: SlotParts) => Promise<T>,
): ServiceSlot<T> {
  let running: { service: T; bus: Bus; health: Health } | undefined
  const stop = async (): Promise<void> => {
    const life = running
    running = undefined
    await life?.service[Symbol.asyncDispose]()
    await life?.bus[Symbol.asyncDispose]()
  }
  return {
    get service() {
      if (!running) throw new Error('the service is not running')
      return running.service
    },
    get ready() {
      return running?.health.ready ?? false
    },
    async start() {
      await using stack = new AsyncDisposableStack()
      const bus = stack.use(await connect())
      const health = createChecks()
      running = { service: await open({ bus, health }), bus, health }
      stack.move()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function createChecks(): Health {
  const failing = new Set<string>()
  return {
    check(name) {
      failing.add(name)
      return { pass: () => void failing.delete(name), fail: () => void failing.add(name) }
    },
    get ready() {
      return failing.size === 0
    },
    checks: [],
  }
}
