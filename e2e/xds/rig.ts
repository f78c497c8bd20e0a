// A real Envoy under an xDS server that can be stopped and started again, fed by the Envoy plane.
import type { FleetChange, IrRecord, RecordChange } from '@penstock/ir'
import { createEnvoyPlane, type EnvoyPlane, envoyPhases } from '@penstock/plane-envoy'
import { type Meter, silentLogger, silentMeter } from '@penstock/telemetry'
import { type Envoy, startEnvoy, until } from '@penstock/testkit'
import { createXdsServer, type ProxyState, type XdsServer, type XdsSettings } from '@penstock/xds'
import { fleet } from '../plane-envoy/records.ts'

export interface Rig extends AsyncDisposable {
  readonly envoy: Envoy
  /** Resources and removals sent so far, by short name of the type; counts over restarts. */
  readonly sent: ReadonlyMap<string, number>
  proxy(): ProxyState | undefined
  /** The next commit, without waiting; `edit` changes what goes to Envoy. */
  commit(changes: readonly RecordChange[], edit?: (change: FleetChange) => FleetChange): void
  /** Envoy has answered all there is. */
  settled(): Promise<void>
  stopServer(): Promise<void>
  /** A server of its own memory at the old port; it serves nothing before the next commit when `empty`. */
  startServer(options?: { empty: boolean }): Promise<void>
}

const settings: Partial<XdsSettings> = { removalDelayMs: 300 }

export async function startRig(records: readonly { key: string; record: IrRecord }[]): Promise<Rig> {
  const stack = new AsyncDisposableStack()
  const plane: EnvoyPlane = createEnvoyPlane({
    openKey: ({ box }) => Buffer.from(box).toString(),
    address: '127.0.0.1',
  })
  const sent = new Map<string, number>()
  const meter = countingMeter(sent)
  let server: XdsServer | undefined
  let port = 0
  let commit = 1
  plane.apply(records)
  const startServer = async ({ empty } = { empty: false }): Promise<void> => {
    server = await createXdsServer({
      ...{ host: '127.0.0.1', port, order: envoyPhases, settings, logger: silentLogger, meter },
      fleetOf: ({ cluster }) => cluster,
      events: { onFleet: () => {}, onProxies: () => {} },
    })
    port = server.port
    plane.disconnect(fleet)
    const changes = plane.connect(fleet)
    if (!empty) server.update(fleet, commit, changes)
    unsent = empty ? changes : []
  }
  let unsent: FleetChange[] = []
  const stopServer = async (): Promise<void> => {
    await server?.[Symbol.asyncDispose]()
    server = undefined
  }
  stack.defer(stopServer)
  await startServer()
  const envoy = stack.use(await startEnvoy({ xdsPort: port, fleet }))
  await envoy.waitUntilLive()
  const proxy = (): ProxyState | undefined => server?.proxies(fleet).at(-1)
  const settled = async (): Promise<void> => {
    await until('Envoy has answered', () => (proxy()?.acknowledgedCommit ?? 0) >= commit)
  }
  await settled()
  return {
    ...{ envoy, sent, proxy, settled, stopServer, startServer },
    commit(changes, edit = (change) => change) {
      const all = [...unsent, ...plane.apply(changes)].map(edit)
      unsent = []
      commit += 1
      server?.update(fleet, commit, all)
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

function countingMeter(sent: Map<string, number>): Meter {
  return {
    ...silentMeter,
    counter: (name) => ({
      add(amount = 1, labels = {}) {
        const type = labels['type'] ?? ''
        if (name === 'penstock_xds_resources_total') sent.set(type, (sent.get(type) ?? 0) + amount)
      },
    }),
  }
}
