// The plane, an xDS server and a real Envoy, without bus and translator.
import type { FleetChange, IrRecord, RecordChange } from '@penstock/ir'
import { createEnvoyPlane, type EnvoyPlane, envoyPhases } from '@penstock/plane-envoy'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { type Envoy, type EnvoyOptions, startEnvoy } from '@penstock/testkit'
import { createXdsServer, type XdsServer } from '@penstock/xds'
import { fleet } from './records.ts'

export interface Rig extends AsyncDisposable {
  readonly plane: EnvoyPlane
  readonly envoy: Envoy
  /** Resolves when Envoy has acknowledged what changed; rejects with its words when it refuses. */
  apply(changes: readonly RecordChange[]): Promise<FleetChange[]>
}

export interface RigOptions {
  readonly sharedFrom?: number
  readonly removalDelayMs?: number
  readonly bootstrap?: EnvoyOptions['bootstrap']
}

export async function startRig(
  records: readonly { key: string; record: IrRecord }[],
  { removalDelayMs = 10_000, bootstrap = {}, ...options }: RigOptions = {},
): Promise<Rig> {
  const stack = new AsyncDisposableStack()
  const plane = createEnvoyPlane({
    openKey: ({ box }) => Buffer.from(box).toString(),
    address: '127.0.0.1',
    ...options,
  })
  let commit = 1
  plane.apply(records)
  const watchers = new Set<() => void>()
  const xds: XdsServer = await createXdsServer({
    ...{ host: '127.0.0.1', port: 0, order: envoyPhases, logger: silentLogger, meter: silentMeter },
    fleetOf: ({ cluster }) => cluster,
    settings: { removalDelayMs },
    events: {
      onFleet: (name, wanted) => (wanted ? xds.update(name, commit, plane.connect(name)) : plane.disconnect(name)),
      onProxies: () => watchers.forEach((watcher) => watcher()),
    },
  })
  stack.use(xds)
  const acknowledged = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const [proxy] = xds.proxies(fleet)
        const [rejection] = proxy?.rejections ?? []
        if (rejection === undefined && (proxy?.acknowledgedCommit ?? 0) < commit) return
        watchers.delete(look)
        if (rejection === undefined) resolve()
        else reject(new Error(`Envoy refused ${rejection.resources.join(', ')}: ${rejection.message}`))
      }
      watchers.add(look)
      look()
    })
  const envoy = stack.use(await startEnvoy({ xdsPort: xds.port, fleet, bootstrap }))
  await acknowledged()
  await envoy.waitUntilLive()
  return {
    plane,
    envoy,
    async apply(changes) {
      const result = plane.apply(changes)
      commit += 1
      xds.update(fleet, commit, result)
      await acknowledged()
      return result
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
