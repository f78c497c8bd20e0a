// A process of its own: the IR channel as an xds-server follows it, served plain (plain-plane.ts). It tells the process
// that started it which port it has, and what its proxies acknowledged.
import { channels, createSealer, openBus, readSealingKeys } from '@penstock/bus'
import { envoyPhases } from '@penstock/plane-envoy'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { createXdsServer, type XdsServer } from '@penstock/xds'
import type { Sent } from './contender.ts'
import { createPlainPlane } from './plain-plane.ts'
import { createTally } from './tally.ts'

export interface PlainServerOptions {
  readonly natsUrl: string
  readonly natsPasswordFile: string
  readonly sealingKeys: string
  readonly fleet: string
  readonly portOffset: number
}

/** What it tells: first its port, then after each answer of a proxy where things stand. */
export type PlainServerMessage = { readonly port: number } | (Sent & { readonly acknowledged: number })

const { natsUrl, natsPasswordFile, sealingKeys, fleet, portOffset } = JSON.parse(
  process.argv[2] ?? '{}',
) as PlainServerOptions
const tell = (message: PlainServerMessage): void => void process.send?.(message)
const tally = createTally()
const sealer = createSealer(readSealingKeys(sealingKeys))
const openKey = (sealed: Parameters<typeof sealer.open>[0]): string => Buffer.from(sealer.open(sealed)).toString()
const plane = createPlainPlane({ fleet, portOffset, openKey })

const server: XdsServer = await createXdsServer({
  host: '127.0.0.1',
  port: 0,
  order: envoyPhases,
  fleetOf: ({ cluster }) => cluster,
  events: {
    onFleet: () => {},
    onProxies() {
      const [proxy] = server.proxies(fleet)
      if (proxy === undefined) return
      const total = (name: string): number => tally.total(`penstock_xds_${name}_total`)
      const sent: Sent = { messages: total('responses'), resources: total('resources'), bytes: total('sent_bytes') }
      for (const { message } of proxy.rejections) console.error(`the plain proxy refuses: ${message}`)
      tell({ acknowledged: proxy.acknowledgedCommit, ...sent })
    },
  },
  settings: { fleetIdleMs: 3_600_000 },
  logger: silentLogger,
  meter: tally.meter,
})
const closing = new AbortController()
const access = { natsUrl, natsPasswordFile, natsUser: '', natsPassword: '', natsCredentials: '' }
const parts = { log: silentLogger, meter: silentMeter, signal: closing.signal }
const bus = await openBus('xds-server', { ...access, install: 'local', source: 'local' }, parts)
bus.follow(channels.ir, {
  onCommit({ commit, changes }) {
    const { plain } = plane.apply(changes.map(({ key, value }) => ({ key, record: value })))
    server.update(fleet, commit.id, plain)
  },
})
process.once('disconnect', () => process.exit())
tell({ port: server.port })
