// The whole of docker-compose.yml as processes, those twice of which one can stand by, and an Envoy that knows both
// xds-servers.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Envoy, freePorts, startEnvoy, until } from '@penstock/testkit'
import { portVariables } from '@penstock/tools/ports'
import { type StackService, stackServices } from '@penstock/tools/stack'
import { fleet } from '../features/services.ts'
import { startXdsTap } from '../features/xds-tap.ts'
import { createProcessSlot, type ProcessSlot } from './process-slot.ts'
import { createXdsLedger, type XdsLedger } from './xds-ledger.ts'

export const twice = ['watcher', 'translator', 'xds-server'] as const
export type TwofoldService = (typeof twice)[number]

export interface ChaosStack extends AsyncDisposable {
  readonly nats: ProcessSlot
  readonly statusReporter: ProcessSlot
  readonly pairs: Readonly<Record<TwofoldService, readonly [ProcessSlot, ProcessSlot]>>
  /** All that can be struck. */
  readonly slots: readonly ProcessSlot[]
  readonly envoy: Envoy
  readonly ledger: XdsLedger
  /** Removes what NATS has stored; it must not run. */
  wipeNats(): void
}

export interface ChaosStackOptions {
  /** The folder of YAML. */
  readonly config: string
  readonly statusFolder: string
  /** What the stack keeps; empty for a fresh start. */
  readonly data: string
  onResent(resource: string): void
}

/** As many ports as `portVariables` numbers. */
const portsOfOne = 8

/** Resolves when Envoy has its first configuration. */
export async function startChaosStack(options: ChaosStackOptions): Promise<ChaosStack> {
  await using stack = new AsyncDisposableStack()
  const { data, onResent } = options
  mkdirSync(options.statusFolder, { recursive: true })
  const [first, second] = await twoSets(options)
  const slotOf = (services: readonly StackService[], name: string, as: string): ProcessSlot => {
    const service = services.find((each) => each.name === name)
    if (!service) throw new Error(`docker-compose.yml has no service "${name}"`)
    // What jest tells its own Node is not for others.
    const environment = { ...service.environment, PENSTOCK_INSTANCE: as, NODE_OPTIONS: '' }
    return stack.use(createProcessSlot({ ...service, name: as, environment }, join(data, 'log')))
  }
  const preparing = slotOf(first, 'prepare', 'prepare')
  preparing.start()
  await preparing.finished()
  const nats = slotOf(first, 'nats', 'nats')
  nats.start()
  await nats.waitUntilReady()
  const pairOf = (name: TwofoldService) =>
    [slotOf(first, name, `${name}-1`), slotOf(second, name, `${name}-2`)] as const
  const pairs = { watcher: pairOf('watcher'), translator: pairOf('translator'), 'xds-server': pairOf('xds-server') }
  const statusReporter = slotOf(first, 'status-reporter', 'status-reporter')
  const services = [...Object.values(pairs).flat(), statusReporter]
  for (const slot of services) slot.start()

  const ledger = createXdsLedger(onResent)
  const taps = await Promise.all([first, second].map((services) => startXdsTap(xdsPortOf(services), ledger)))
  for (const tap of taps) stack.use(tap)
  const envoy = stack.use(await startEnvoy({ xdsPort: taps.map(({ port }) => port), fleet }))
  await Promise.all(services.map((slot) => slot.waitUntilReady()))
  await envoy.waitUntilLive()
  const keep = stack.move()
  return {
    ...{ nats, statusReporter, pairs, envoy, ledger },
    slots: [nats, ...services],
    wipeNats: () => rmSync(join(data, 'nats'), { recursive: true }),
    [Symbol.asyncDispose]: () => keep.disposeAsync(),
  }
}

/** The services of the file with two sets of ports, on one NATS. */
async function twoSets({ config, statusFolder, data }: ChaosStackOptions) {
  const [basePort = 0] = await freePorts(2 * portsOfOne)
  const services = (variables: Record<string, string>): StackService[] =>
    stackServices({ config, status: statusFolder, data, variables })
  const first = portVariables({ basePort, backendPort: 0 })
  const second = portVariables({ basePort: basePort + portsOfOne, backendPort: 0 })
  const natsPort = first['PENSTOCK_NATS_PORT'] ?? ''
  return [services(first), services({ ...second, PENSTOCK_NATS_PORT: natsPort })] as const
}

const xdsPortOf = (services: readonly StackService[]): number =>
  Number(services.find(({ name }) => name === 'xds-server')?.environment['PENSTOCK_XDS_PORT'])

/** Which of the two leads, or serves Envoy. */
export async function leaderOf({ pairs }: ChaosStack, service: TwofoldService): Promise<ProcessSlot> {
  const name = service === 'xds-server' ? 'penstock_xds_streams' : 'penstock_bus_leading'
  return until(`one ${service} leads`, async () => {
    for (const slot of pairs[service]) if ((await slot.metric(name)) > 0) return slot
    return undefined
  })
}

export async function standbyOf(stack: ChaosStack, service: TwofoldService): Promise<ProcessSlot> {
  const leader = await leaderOf(stack, service)
  const [one, other] = stack.pairs[service]
  return leader === one ? other : one
}
