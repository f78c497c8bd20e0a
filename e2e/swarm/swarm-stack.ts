// NATS and three xds-servers as processes, as docker-compose.yml describes them, with the test in the place of the
// translator, and of the status-reporter, who hears what the servers say of their proxies.
import { join } from 'node:path'
import { type Bus, channels, openBus, type Publisher, type ServiceName } from '@penstock/bus'
import type { Feedback, IrRecord } from '@penstock/ir'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { freePorts } from '@penstock/testkit'
import { portVariables } from '@penstock/tools/ports'
import { type StackService, stackServices } from '@penstock/tools/stack'
import { createProcessSlot, type ProcessSlot } from '../chaos/process-slot.ts'

export interface SwarmServer {
  readonly slot: ProcessSlot
  readonly port: number
}

export interface SwarmStack extends AsyncDisposable {
  readonly servers: readonly SwarmServer[]
  readonly publisher: Publisher
  /** By key. */
  readonly feedback: ReadonlyMap<string, Feedback>
}

export interface SwarmStackOptions {
  readonly records: ReadonlyMap<string, IrRecord>
  /** What the stack keeps; empty. */
  readonly data: string
  readonly servers: number
  readonly connectionAgeMs: number
}

/** As many ports as `portVariables` numbers. */
const portsOfOne = 8

export async function startSwarmStack({ records, data, ...options }: SwarmStackOptions): Promise<SwarmStack> {
  await using stack = new AsyncDisposableStack()
  const [basePort = 0] = await freePorts(options.servers * portsOfOne)
  const natsPort = String(basePort)
  const servicesOf = (index: number): StackService[] => {
    const variables = portVariables({ basePort: basePort + index * portsOfOne, backendPort: 0 })
    return stackServices({
      config: data,
      status: data,
      data,
      variables: { ...variables, PENSTOCK_NATS_PORT: natsPort },
    })
  }
  const slotOf = (
    index: number,
    name: string,
    as: string,
    more: Readonly<Record<string, string>> = {},
  ): SwarmServer => {
    const service = servicesOf(index).find((each) => each.name === name)
    if (!service) throw new Error(`docker-compose.yml has no service "${name}"`)
    // What jest tells its own Node is not for others.
    const environment: Readonly<Record<string, string>> = { ...service.environment, ...more, NODE_OPTIONS: '' }
    const slot = stack.use(createProcessSlot({ ...service, name: as, environment }, join(data, 'log')))
    return { slot, port: Number(environment['PENSTOCK_XDS_PORT']) }
  }
  const { slot: preparing } = slotOf(0, 'prepare', 'prepare')
  preparing.start()
  await preparing.finished()
  const { slot: nats } = slotOf(0, 'nats', 'nats')
  nats.start()
  await nats.waitUntilReady()

  const natsUrl = `nats://127.0.0.1:${natsPort}`
  const connect = async (service: ServiceName): Promise<Bus> => stack.use(await connectAs(service, natsUrl, data))
  const publisher = stack.use(publish(await connect('translator'), records))
  const feedback = listen(await connect('status-reporter'), stack)
  const servers = Array.from({ length: options.servers }, (_, index) => {
    const name = `xds-server-${index + 1}`
    const own = {
      PENSTOCK_INSTANCE: name,
      PENSTOCK_XDS_CONNECTION_AGE_MS: String(options.connectionAgeMs),
      PENSTOCK_LOG_LEVEL: 'warn',
    }
    return slotOf(index, 'xds-server', name, own)
  })
  for (const { slot } of servers) slot.start()
  await Promise.all(servers.map(({ slot }) => slot.waitUntilReady()))
  const keep = stack.move()
  return { servers, publisher, feedback, [Symbol.asyncDispose]: () => keep.disposeAsync() }
}

function connectAs(service: ServiceName, natsUrl: string, data: string): Promise<Bus> {
  const access = { natsUrl, natsPasswordFile: join(data, 'nats-passwords', service) }
  const none = { natsUser: '', natsPassword: '', natsCredentials: '' }
  const parts = { log: silentLogger, meter: silentMeter, signal: new AbortController().signal }
  return openBus(service, { ...access, ...none, install: 'local', source: 'local' }, parts)
}

function publish(bus: Bus, records: ReadonlyMap<string, IrRecord>): Publisher {
  const get = (key: string) => {
    const value = records.get(key)
    return value && { value }
  }
  const state = { get, keys: () => records.keys(), held: new Set<string>(), inputs: [] }
  const publisher = bus.publish(channels.ir, { state: () => state })
  publisher.refresh()
  return publisher
}

function listen(bus: Bus, stack: AsyncDisposableStack): Map<string, Feedback> {
  const feedback = new Map<string, Feedback>()
  const onChange = (changes: readonly { key: string; value: Feedback | undefined }[]): void => {
    for (const { key, value } of changes) {
      if (value) feedback.set(key, value)
      else feedback.delete(key)
    }
  }
  stack.use(bus.listen(channels.feedback, { onChange }))
  return feedback
}
