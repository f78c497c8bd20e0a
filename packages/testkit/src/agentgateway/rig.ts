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
  send(...changes: readonly (Literal | Omit<Literal, 'body'>)[]): Promise<void>
}

export async function startRig(options: Partial<AgentgatewayOptions> = {}): Promise<Rig> {
  const server = await createXdsServer({
    ...{ host: '127.0.0.1', port: 0, logger: silentLogger, meter: silentMeter },
    order: [[{ typeUrl: addressType }], [{ typeUrl: resourceType }]],
    fleetOf: ({ metadata }) => String(metadata.role),
    events: { onFleet: () => {}, onProxies: () => {} },
    settings: { removalDelayMs: 1 },
  })
  const fleet = 'default~web'
  let commit = 0
  server.update(fleet, commit, [])
  const proxy = startAgentgateway({ xdsPort: server.port, namespace: 'default', gateway: 'web', ...options })
  return {
    server,
    proxy,
    async send(...changes) {
      commit += 1
      const versioned = changes.map(({ typeUrl, name, ...change }) =>
        'body' in change
          ? { typeUrl, name, resource: { version: createHash('sha256').update(change.body).digest('hex'), ...change } }
          : { typeUrl, name },
      )
      server.update(fleet, commit, versioned)
      await proxy.until(
        `commit ${commit} answered`,
        () => (server.proxies(fleet)[0]?.acknowledgedCommit ?? -1) >= commit,
      )
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** The same without its body: a removal. */
export const gone = ({ typeUrl, name }: Literal): Omit<Literal, 'body'> => ({ typeUrl, name })
