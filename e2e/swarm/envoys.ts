// Real Envoys among the crowd, each with all servers in its bootstrap, and what each says that it has.
import { type Envoy, startEnvoy } from '@penstock/testkit'
import { createXdsLedger, type XdsLedger } from '../chaos/xds-ledger.ts'
import { startXdsTap } from '../features/xds-tap.ts'
import { fleetName } from './swarm-scene.ts'

export interface SwarmEnvoy {
  readonly name: string
  readonly fleet: number
  readonly envoy: Envoy
  readonly ledger: XdsLedger
  /** Streams that it opened. */
  streams(): number
}

export interface SwarmEnvoyOptions {
  readonly fleet: number
  readonly serverPorts: readonly number[]
  onResent(resource: string): void
}

export async function startSwarmEnvoy(
  { fleet, serverPorts, onResent }: SwarmEnvoyOptions,
  stack: AsyncDisposableStack,
): Promise<SwarmEnvoy> {
  const ledger = createXdsLedger(onResent)
  const taps = await Promise.all(serverPorts.map((port) => startXdsTap(port, ledger)))
  for (const tap of taps) stack.use(tap)
  const name = `envoy-${fleet}`
  const xdsPort = taps.map(({ port }) => port)
  const envoy = stack.use(await startEnvoy({ xdsPort, fleet: fleetName(fleet), node: name }))
  await envoy.waitUntilLive()
  return { name, fleet, envoy, ledger, streams: () => taps.reduce((sum, tap) => sum + tap.streams, 0) }
}
