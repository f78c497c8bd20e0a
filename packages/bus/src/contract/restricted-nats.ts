// A real NATS server with the users of the channels table, and one who may do everything: the tests' own eyes.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { type Logger, type Meter, silentLogger, silentMeter } from '@penstock/telemetry'
import { startNatsServer } from '@penstock/testkit'
import type { Bus } from '../bus.ts'
import type { ServiceName } from '../channel.ts'
import { createNatsBus } from '../nats-bus.ts'
import { natsAccounts } from '../nats-server-config.ts'
import { busServices, natsUser } from '../permissions.ts'
import type { BusSettings } from '../settings.ts'
import { inboxPrefix } from '../subject-space.ts'
import { quick } from './rig.ts'

export const install = 'in'
export const source = 'local'

export interface RestrictedNats extends AsyncDisposable {
  readonly url: string
  readonly admin: NatsConnection
  /** A client that keeps no rules but the server's. */
  raw(service: ServiceName): Promise<NatsConnection>
  bus(service: ServiceName, settings?: Partial<BusSettings>): Promise<Bus>
  /** Killed and started with nothing stored. */
  wipe(): Promise<void>
  /** What the buses logged as faults. */
  readonly faults: readonly BusFault[]
  /** `<service> <code>` of each fault that the metric counted. */
  readonly counted: ReadonlySet<string>
}

export interface BusFault {
  readonly service: string
  readonly code: unknown
  readonly reason: unknown
}

export async function startRestrictedNats(): Promise<RestrictedNats> {
  await using stack = new AsyncDisposableStack()
  const config = restrictedUsers()
  const first = stack.use(await startNatsServer({ config }))
  const { dir, port, url } = first
  let server = first
  stack.defer(() => server.stop())
  const admin = await connect({ servers: url, user: 'admin', pass: 'admin' })
  stack.defer(() => admin.close())
  const faults: BusFault[] = []
  const counted = new Set<string>()
  const keep = stack.move()
  return {
    url,
    admin,
    faults,
    counted,
    async raw(service) {
      const access = {
        user: natsUser({ install, service }),
        pass: service,
        inboxPrefix: inboxPrefix({ install, service }),
      }
      const nats = await connect({ servers: url, ...access })
      keep.defer(() => nats.close())
      return nats
    },
    async bus(service, settings) {
      const access = { servers: url, user: natsUser({ install, service }), password: service }
      const parts = { settings: { ...quick, ...settings }, ...ears(service, faults, counted) }
      return keep.use(await createNatsBus({ ...access, ...parts, install, source, service }))
    },
    async wipe() {
      await server.kill()
      await rm(join(dir, 'store'), { recursive: true })
      server = await startNatsServer({ config, dir, port })
    },
    [Symbol.asyncDispose]: () => keep.disposeAsync(),
  }
}

/** Each service's password is its name. */
export function restrictedUsers(): string {
  const passwords = Object.fromEntries(busServices().map((service) => [service, service]))
  const config = natsAccounts({ install, sources: [source], passwords })
  return config.replace('"users": [', '"users": [{ "user": "admin", "password": "admin" },')
}

/** A log and a meter that keep the faults. */
function ears(service: string, faults: BusFault[], counted: Set<string>): { logger: Logger; meter: Meter } {
  const note: Logger['info'] = (event, fields = {}) => {
    if (event === 'bus fault') faults.push({ service, code: fields['code'], reason: fields['reason'] })
  }
  const logger: Logger = { ...silentLogger, info: note, warn: note, error: note, child: () => logger }
  const counter: Meter['counter'] = (name) => ({
    add: (_, labels) => void (name === 'penstock_bus_faults_total' && counted.add(`${service} ${labels?.['code']}`)),
  })
  return { logger, meter: { ...silentMeter, counter } }
}
