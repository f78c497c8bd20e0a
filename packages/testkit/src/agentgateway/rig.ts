// A server with resources written by hand, and the strict agentgateway as its proxy.
import { createHash } from 'node:crypto'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { createXdsServer, type XdsServer } from '@penstock/xds'
import { type Agentgateway, type AgentgatewayOptions, startAgentgateway } from './agentgateway.ts'
import { addressType, resourceType } from './delivery.ts'
import type { Literal } from './literals.test-data.ts'

export interface Rig extends AsyncDisposable {
  readonly server: XdsServer
  readonly proxy: Agentgateway
  /** Sends them, and without a body removes them; resolves when the proxy has answered. */
  send(...changes: readonly Change[]): Promise<void>
  /** Sends them, and does not wait. */
  update(...changes: readonly Change[]): void
  /** Another server at the same port, with nothing yet. */
  restart(): Promise<void>
}

type Change = Literal | Omit<Literal, 'body'>

const fleet = 'default~web'

const startServer = (port: number): Promise<XdsServer> =>
  createXdsServer({
    ...{ host: '127.0.0.1', port, logger: silentLogger, meter: silentMeter },
    order: [[{ typeUrl: addressType }], [{ typeUrl: resourceType }]],
    fleetOf: ({ metadata }) => String(metadata.role),
    events: { onFleet: () => {}, onProxies: () => {} },
    settings: { removalDelayMs: 1 },
  })

/** `before`: what the server has when the proxy comes. */
export async function startRig(
  options: Partial<AgentgatewayOptions> = {},
  before: readonly Literal[] = [],
): Promise<Rig> {
  let server = await startServer(0)
  const { port } = server
  let commit = 0
  const update = (...changes: readonly Change[]): void => {
    commit += 1
    const versioned = changes.map(({ typeUrl, name, ...change }) =>
      'body' in change
        ? { typeUrl, name, resource: { version: createHash('sha256').update(change.body).digest('hex'), ...change } }
        : { typeUrl, name },
    )
    server.update(fleet, commit, versioned)
  }
  update(...before)
  const proxy = startAgentgateway({ xdsPort: port, namespace: 'default', gateway: 'web', ...options })
  return {
    get server() {
      return server
    },
    proxy,
    update,
    async send(...changes) {
      update(...changes)
      await proxy.until(
        `commit ${commit} answered`,
        () => (server.proxies(fleet)[0]?.acknowledgedCommit ?? -1) >= commit,
      )
    },
    async restart() {
      await server[Symbol.asyncDispose]()
      server = await startServer(port)
      update()
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** The same without its body: a removal. */
export const gone = ({ typeUrl, name }: Literal): Omit<Literal, 'body'> => ({ typeUrl, name })
