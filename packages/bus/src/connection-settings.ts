// How every service is told where its bus is: one table in the form that `service` reads, and the bus that it describes.
import type { Logger, Meter } from '@penstock/telemetry'
import type { Bus } from './bus.ts'
import { createNatsBus } from './nats-bus.ts'
import { natsTls } from './nats-tls.ts'
import { channelRows, natsUser } from './permissions.ts'
import { busSettings } from './settings.ts'

export interface ConnectionConfig {
  natsUrl: string
  install: string
  source: string
  natsUser: string
  natsPassword: string
  natsPasswordFile: string
  natsCredentials: string
  natsCa: string
  natsTls: string
  natsServerName: string
  natsReplicas: number
}

interface ConnectionSetting<T> {
  readonly env: `PENSTOCK_${string}`
  readonly parse: Parser<T>
  readonly default: T
  readonly sentence: string
  readonly secret?: true
}

/** As `service` knows it: what it takes is said in words of JSON schema. */
interface Parser<T> {
  (value: string): T
  readonly takes?: { readonly minimum?: number; readonly maximum?: number; readonly pattern?: string }
}

const text = (value: string): string => value

const noUser = '^[^@]*$'
const servers: Parser<string> = Object.assign(
  (value: string) => {
    if (!new RegExp(noUser).test(value))
      throw new Error('servers alone: PENSTOCK_NATS_USER and PENSTOCK_NATS_PASSWORD_FILE say who asks')
    return value
  },
  { takes: { pattern: noUser } },
)

const integer = (minimum: number, maximum: number): Parser<number> =>
  Object.assign(
    (value: string) => {
      const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
      if (number >= minimum && number <= maximum) return number
      throw new Error(`a whole number from ${minimum} to ${maximum}`)
    },
    { takes: { minimum, maximum } },
  )

export const connectionSettings: {
  readonly [Name in keyof ConnectionConfig]: ConnectionSetting<ConnectionConfig[Name]>
} = {
  natsUrl: {
    env: 'PENSTOCK_NATS_URL',
    parse: servers,
    default: 'nats://127.0.0.1:4222',
    sentence: 'The NATS servers, separated by commas.',
  },
  install: {
    env: 'PENSTOCK_INSTALL',
    parse: text,
    default: 'penstock',
    sentence: 'The name of this installation; two with different names can share a NATS, and a cluster.',
  },
  source: {
    env: 'PENSTOCK_SOURCE',
    parse: text,
    default: 'local',
    sentence: 'The name of the cluster or folder that the resources come from.',
  },
  natsUser: {
    env: 'PENSTOCK_NATS_USER',
    parse: text,
    default: '',
    sentence: 'The user at NATS; with a password, and nothing here, `<install>/<service>`.',
  },
  natsPassword: {
    env: 'PENSTOCK_NATS_PASSWORD',
    parse: text,
    default: '',
    sentence: 'The password of that user.',
    secret: true,
  },
  natsPasswordFile: {
    env: 'PENSTOCK_NATS_PASSWORD_FILE',
    parse: text,
    default: '',
    sentence: 'A file with that password instead, read again on every connect.',
  },
  natsCredentials: {
    env: 'PENSTOCK_NATS_CREDENTIALS',
    parse: text,
    default: '',
    sentence: 'A NATS credentials file instead of user and password, read again on every connect.',
  },
  natsCa: {
    env: 'PENSTOCK_NATS_CA',
    parse: text,
    default: '',
    sentence:
      'A file with the authorities, one of which the certificate of NATS must be of; then nothing is said to a NATS without TLS. Read on every connect.',
  },
  natsTls: {
    env: 'PENSTOCK_NATS_TLS',
    parse: text,
    default: '',
    sentence:
      'A folder with `tls.crt` and `tls.key`, shown to a NATS that asks for a certificate, and `ca.crt` unless PENSTOCK_NATS_CA is set. Read on every connect.',
  },
  natsServerName: {
    env: 'PENSTOCK_NATS_SERVER_NAME',
    parse: text,
    default: '',
    sentence: 'The name on the certificate of NATS, where it is not the one in PENSTOCK_NATS_URL.',
  },
  natsReplicas: {
    env: 'PENSTOCK_NATS_REPLICAS',
    parse: integer(1, 5),
    default: busSettings.replicas.default,
    sentence:
      'Servers of NATS that keep a copy of each stream: 3 where there are three. A change reaches streams that exist.',
  },
}

export interface OrderConfig {
  readersWaitMs: number
}

/** Of services that publish. */
export const orderSettings = {
  readersWaitMs: {
    env: 'PENSTOCK_READERS_WAIT_MS',
    parse: integer(0, 86_400_000),
    default: busSettings.readersWaitMs.default,
    sentence:
      'In an upgrade, how long this service leaves the lead to the build before it while services live that could not read what it writes, in milliseconds since the last of them went; 0: not at all.',
  },
} as const

const untold = {
  ...{ natsUser: '', natsPassword: '', natsPasswordFile: '', natsCredentials: '' },
  ...{ natsCa: '', natsTls: '', natsServerName: '', natsReplicas: busSettings.replicas.default },
}
type Told = Pick<ConnectionConfig, 'natsUrl' | 'install' | 'source'> &
  Partial<ConnectionConfig & OrderConfig> & { readonly instance?: string }

interface OpenBusParts {
  readonly log: Logger
  readonly meter: Meter
  readonly signal: AbortSignal
  readonly health?: { check(name: string, waitsFor: string): { pass(): void; fail(reason: string): void } }
}

/** The bus of one service. Waits for NATS until `signal` ends. Who has to wait for readers is not ready meanwhile. */
export function openBus(service: string, told: Readonly<Told>, parts: OpenBusParts): Promise<Bus> {
  const config: ConnectionConfig = { ...untold, ...told }
  const { natsUrl, install, source, natsPassword, natsPasswordFile, natsCredentials } = config
  const tls = natsTls(config)
  const hasPassword = natsPassword !== '' || natsPasswordFile !== ''
  const user = config.natsUser === '' && hasPassword ? natsUser({ install, service }) : config.natsUser
  const { readersWaitMs, instance } = told
  const order = writes(service) ? parts.health?.check('readers', 'who reads what this service writes') : undefined
  return createNatsBus({
    servers: natsUrl.split(',').map((server) => server.trim()),
    install,
    source,
    service,
    ...(user === '' ? {} : { user, password: natsPassword }),
    ...(natsPasswordFile === '' ? {} : { passwordFile: natsPasswordFile }),
    ...(tls && { tls }),
    ...(natsCredentials === '' ? {} : { credentialsFile: natsCredentials }),
    ...(instance === undefined ? {} : { instance }),
    settings: { replicas: config.natsReplicas, ...(readersWaitMs !== undefined && { readersWaitMs }) },
    ...(order && { onReaders: (waitsFor) => (waitsFor === undefined ? order.pass() : order.fail(waitsFor)) }),
    logger: parts.log,
    meter: parts.meter,
    signal: parts.signal,
  })
}

const writes = (service: string): boolean =>
  channelRows.some(({ writers, publishers }) => writers === 'one' && publishers.some((each) => each === service))
