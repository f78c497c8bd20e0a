// One cluster with n HTTPRoutes, our services one after the other, and what each of them takes.
import { Agent, request } from 'node:http'
import { type CommittedChannel, channels, createNatsBus } from '@penstock/bus'
import { accessByKubeconfig, createKube, type Kube } from '@penstock/kube'
import { type Envoy, freePorts, startControlPlane, startEnvoy, startNatsServer, until } from '@penstock/testkit'
import { installDefinitions } from '../admission/definitions.ts'
import { createObjects, editHost, hostOf, redirect, routeName } from './cluster-objects.ts'
import { type ClusterServices, openClusterServices, type ServiceName, serviceNames } from './cluster-services.ts'
import { place } from './place.ts'
import { type Memory, memoryOf } from './process-cost.ts'
import { openStatusCensus, type StatusCensus } from './status-census.ts'

export interface ClusterFigures {
  readonly routes: number
  readonly createMs: number
  /** From the start of the process until everything that comes of it is there. */
  readonly startMs: Readonly<Record<ServiceName, number>>
  /** After all of them have settled; of NATS and Envoy too. */
  readonly memory: Readonly<Record<string, Memory>>
  /** From the patch until Envoy answers by it, and until the status speaks of it. */
  readonly liveMs: readonly number[]
  readonly statusMs: readonly number[]
  /** Before the edits. */
  readonly routeWrites: number
  readonly gatewayWrites: number
  /** A second start of each, until it says that it is ready. */
  readonly restartMs: Readonly<Record<ServiceName, number>>
}

const longMs = 600_000
/** The fleet of the only Gateway: see docs/architecture.md. */
const fleet = 'default~gw'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const hasItems = (list: unknown): boolean => (list as { items: unknown[] }).items.length > 0

interface Scene {
  readonly kube: Kube
  readonly services: ClusterServices
  readonly envoy: Envoy
  readonly census: StatusCensus
  readonly natsPid: number
  readonly routes: number
  /** The location that Envoy answers for a host, or its status. */
  ask(host: string): Promise<string>
}

export async function measureCluster(routes: number, edits: number, writesPerSecond: number): Promise<ClusterFigures> {
  await using stack = new AsyncDisposableStack()
  const plane = stack.use(await startControlPlane())
  const kube = stack.use(createKube({ access: await accessByKubeconfig({ file: plane.kubeconfig }), service: 'bench' }))
  await installDefinitions(kube)
  const [gatewayPort = 0] = await freePorts(1)
  const createdAt = performance.now()
  await createObjects(kube, routes, gatewayPort)
  const createMs = performance.now() - createdAt
  say(`${routes} routes are created`)

  const nats = stack.use(await startNatsServer())
  const census = stack.use(await openStatusCensus(kube))
  const services = stack.use(
    await openClusterServices({
      ...place,
      natsUrl: nats.url,
      plane,
      statusWritesPerSecond: writesPerSecond,
    }),
  )
  const counts = stack.use(await countRecords(nats.url))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  stack.defer(() => agent.destroy())
  const ask = (host: string): Promise<string> => location(gatewayPort, host, agent)

  const startMs: Record<string, number> = {}
  const start = async (name: ServiceName, isThere: () => unknown): Promise<void> => {
    const startedAt = performance.now()
    services.start(name)
    await services.ready(name)
    await until(`all of the ${name}'s work is there`, isThere, longMs)
    startMs[name] = performance.now() - startedAt
    say(`${name}: ${startMs[name].toFixed(0)} ms`)
  }
  await start('watcher', () => counts.resources() >= routes)
  await start('translator', () => counts.statuses() >= routes)
  const envoy = stack.use(await startEnvoy({ xdsPort: services.xdsPort, fleet }))
  const answers = async (): Promise<boolean> => (await ask(hostOf(routes - 1)).catch(() => '404')) !== '404'
  await start('xds-server', answers)
  await start('status-reporter', () => census.current > routes)
  await start('infra-manager', () => kube.request({ path: deployments }).then(hasItems))
  const { routeWrites, gatewayWrites } = census
  const scene = { kube, services, envoy, census, natsPid: nats.pid, routes, ask }
  const memory = memoryByName(scene)
  const times = await measureEdits(scene, edits)
  const restartMs = await restart(services)
  return {
    ...{ routes, createMs, routeWrites, gatewayWrites, memory, ...times, restartMs },
    startMs: startMs as ClusterFigures['startMs'],
  }
}

async function measureEdits(scene: Scene, edits: number): Promise<Pick<ClusterFigures, 'liveMs' | 'statusMs'>> {
  const { kube, census, routes, ask } = scene
  const [liveMs, statusMs]: [number[], number[]] = [[], []]
  for (let edit = 1; edit <= edits; edit += 1) {
    // Spread over all routes; 7,919 is prime.
    const route = (edit * 7_919) % routes
    const startedAt = performance.now()
    await redirect(kube, route, edit)
    const live = until('the edit is live', async () => (await ask(hostOf(route))).includes(editHost(edit)), longMs)
    const told = until('its status is written', () => census.speaks(routeName(route), 2), longMs)
    void live.then(() => liveMs.push(performance.now() - startedAt))
    void told.then(() => statusMs.push(performance.now() - startedAt))
    await Promise.all([live, told])
  }
  return { liveMs, statusMs }
}

async function restart(services: ClusterServices): Promise<ClusterFigures['restartMs']> {
  const times: Record<string, number> = {}
  for (const name of serviceNames) {
    await services.stop(name)
    const startedAt = performance.now()
    services.start(name)
    await services.ready(name)
    times[name] = performance.now() - startedAt
  }
  return times as ClusterFigures['restartMs']
}

function memoryByName({ services, envoy, natsPid }: Scene): ClusterFigures['memory'] {
  const ours = serviceNames.map((name) => [name, memoryOf(services.pid(name))] as const)
  return Object.fromEntries([...ours, ['nats', memoryOf(natsPid)], ['envoy', memoryOf(envoy.pid)]])
}

interface Counts extends AsyncDisposable {
  resources(): number
  statuses(): number
}

/** How many HTTPRoutes have a record on the bus. */
async function countRecords(natsUrl: string): Promise<Counts> {
  const bus = await createNatsBus({ ...place, service: 'console', servers: natsUrl })
  const count = (channel: CommittedChannel<unknown>): (() => number) => {
    const keys = new Set<string>()
    const onCommit = ({ changes }: { changes: readonly { key: string }[] }): void => {
      for (const { key } of changes) if (key.includes('/HTTPRoute/')) keys.add(key)
    }
    bus.follow(channel, { onCommit })
    return () => keys.size
  }
  const [resources, statuses] = [count(channels.resource), count(channels.status)]
  return { resources, statuses, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() }
}

function location(port: number, host: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', headers: { host }, agent }, (response) => {
      const answer = response.headers.location ?? String(response.statusCode)
      response.resume().once('end', () => resolve(answer))
    })
    sent.once('error', reject).end()
  })
}

const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`)
