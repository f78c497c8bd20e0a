// What the tests of this package share: a server with a made-up plane, and bodies that a human can read.
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { createDeltaClient, type DeltaClient, type DeltaClientOptions } from './delta-client.ts'
import type { ResourceChange } from './fleet.ts'
import type { XdsSettings } from './settings.ts'
import type { TypePhase } from './type-phase.ts'
import { createXdsServer, type XdsServer, type XdsServerOptions } from './xds-server.ts'

export const cluster = 'type.googleapis.com/t.Cluster'
export const endpoints = 'type.googleapis.com/t.Endpoints'
export const listener = 'type.googleapis.com/t.Listener'
export const route = 'type.googleapis.com/t.Route'
export const scope = 'type.googleapis.com/t.Scope'
export const secret = 'type.googleapis.com/t.Secret'

export const order: readonly TypePhase[] = [
  [{ typeUrl: cluster }, { typeUrl: endpoints, immediate: true, warms: cluster }, { typeUrl: secret, onDemand: true }],
  [{ typeUrl: listener }, { typeUrl: route }],
  [{ typeUrl: scope }],
]

/** A change: `set(cluster, 'a', 'x')` or `gone(cluster, 'a')`. The version is the content. */
export const set = (typeUrl: string, name: string, body: string): ResourceChange => ({
  ...{ typeUrl, name, resource: { version: body, body: Buffer.from(body) } },
})
export const gone = (typeUrl: string, name: string): ResourceChange => ({ typeUrl, name })

export interface Rig extends AsyncDisposable {
  readonly server: XdsServer
  /** Events in order: "wanted f", "unwanted f", "proxies f". */
  readonly events: string[]
  /** A client of the fleet "f" that is closed with the rig. */
  client(id?: string, options?: Partial<DeltaClientOptions>): DeltaClient
  /**
   * From now on the client does as a proxy does: when its stream ends, it opens the next. The answer tells how they ended.
   * What cuts one stream soon cuts any stream on a machine that is slow.
   */
  comesBack(client: DeltaClient): readonly number[]
  /** The next commit of the fleet "f". */
  commit(...changes: ResourceChange[]): number
}

export async function startRig(
  settings: Partial<XdsSettings> = {},
  more: Partial<XdsServerOptions> = {},
): Promise<Rig> {
  const events: string[] = []
  const clients: DeltaClient[] = []
  const looks: NodeJS.Timeout[] = []
  let commits = 0
  const server = await createXdsServer({
    ...{ host: '127.0.0.1', port: 0, order, logger: silentLogger, meter: silentMeter },
    fleetOf: ({ cluster: fleet }) => (fleet === '' ? undefined : fleet),
    events: {
      onFleet: (fleet, wanted) => events.push(`${wanted ? 'wanted' : 'unwanted'} ${fleet}`),
      onProxies: (fleet) => events.push(`proxies ${fleet}`),
    },
    settings: { removalDelayMs: 20, ...settings },
    ...more,
  })
  return {
    server,
    events,
    client(id = 'p', options = {}) {
      const client = createDeltaClient({ port: server.port, node: { id, cluster: 'f' }, ...options })
      clients.push(client)
      return client
    },
    comesBack(client) {
      const ends: number[] = []
      const look = (): void => {
        if (!client.ended) return
        ends.push(client.ended.code)
        client.connect()
      }
      looks.push(setInterval(look, 5))
      return ends
    },
    commit(...changes) {
      commits += 1
      server.update('f', commits, changes)
      return commits
    },
    async [Symbol.asyncDispose]() {
      for (const look of looks) clearInterval(look)
      await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()))
      await server[Symbol.asyncDispose]()
    },
  }
}

/** What a client holds of a type: "name=body", sorted. */
export const heldBy = (client: DeltaClient, typeUrl: string): string[] =>
  [...client.held(typeUrl)].map(([name, { body }]) => `${name}=${Buffer.from(body).toString()}`).sort()

/** What was told, response by response: "Cluster +a=x -b". */
export const told = (client: DeltaClient): string[] =>
  client.responses.map(({ typeUrl, resources, removed }) =>
    [
      typeUrl.slice(typeUrl.lastIndexOf('.') + 1),
      ...resources.map(({ name, body }) => `+${name}=${Buffer.from(body).toString()}`).sort(),
      ...removed.map((name) => `-${name}`).sort(),
    ].join(' '),
  )
