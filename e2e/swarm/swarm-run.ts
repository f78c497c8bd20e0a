// The course of a swarm: everybody comes, edits go on without end, one server after the other is told to end, one is
// killed, connections age all the while; and at the end nobody may lack anything.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePorts, startEchoBackend, until } from '@penstock/testkit'
import { type Load, startLoad } from '../chaos/load.ts'
import { checkAftermath } from './aftermath.ts'
import { startBalancer } from './balancer.ts'
import { type Churn, createChurn } from './churn.ts'
import { type Crowd, startCrowd } from './crowd.ts'
import { type SwarmEnvoy, startSwarmEnvoy } from './envoys.ts'
import { createSwarmJournal, type SwarmJournal, type SwarmPhase } from './swarm-journal.ts'
import { createSwarmScene, fleetName, type SwarmScene } from './swarm-scene.ts'
import { type SwarmServer, type SwarmStack, startSwarmStack } from './swarm-stack.ts'

export interface SwarmOptions {
  readonly clients: number
  /** At most one for each fleet. */
  readonly envoys: number
  readonly fleets: number
  readonly editEveryMs: number
  /** Requests to the Envoys. */
  readonly perSecond: number
  /** Before the first server is told to end, and after the last has come back. */
  readonly calmMs: number
  /** More than the 10 s after which proxies are told of clusters that nobody needs, for which a stream must last. */
  readonly connectionAgeMs: number
  onPhase?(phase: SwarmPhase): void
}

export interface SwarmReport {
  readonly journal: SwarmJournal
  readonly load: Pick<Load, 'asked' | 'runMs'>
  /** Streams that members opened again. */
  readonly reconnects: number
  readonly envoyStreams: number
}

const servers = 3
const hosts = 6
const wholeWithinMs = 60_000
/** What Kubernetes gives a pod by default, less a little. */
const exitWithinMs = 25_000

interface Swarm {
  readonly options: SwarmOptions
  readonly scene: SwarmScene
  readonly stack: SwarmStack
  readonly crowd: Crowd
  readonly envoys: readonly SwarmEnvoy[]
  readonly journal: SwarmJournal
  readonly churn: Churn
}

export async function runSwarm(options: SwarmOptions): Promise<SwarmReport> {
  await using parts = new AsyncDisposableStack()
  const data = mkdtempSync(join(tmpdir(), 'penstock-swarm-'))
  parts.defer(() => (process.env.KEEP ? undefined : rmSync(data, { recursive: true, force: true })))
  const journal = parts.use(createSwarmJournal())
  const swarm = await gather(options, { parts, data, journal })
  const load = startRequests(swarm)
  parts.defer(() => load.stop())
  swarm.churn.start()
  await during('calm', swarm, () => delay(options.calmMs))
  for (const server of swarm.stack.servers) {
    if (server === swarm.stack.servers.at(-1)) swarm.churn.keepAll()
    await during(`SIGTERM to ${server.slot.name}`, swarm, (phase) => roll(server, swarm, phase))
  }
  const [, killed] = swarm.stack.servers
  if (killed) await during(`kill -9 of ${killed.slot.name}`, swarm, (phase) => kill(killed, swarm, phase))
  await during('calm', swarm, () => delay(options.calmMs))
  swarm.churn.stop()
  const commit = await swarm.stack.publisher.settled()
  await untilWhole(swarm, commit)
  await load.stop()
  await checkAftermath({ ...swarm, lastEdits: swarm.churn.lastEdits, commit })
  for (const server of swarm.stack.servers) journal.noteCost(server)
  for (const what of swarm.stack.servers.flatMap(({ slot }) => slot.surprises)) journal.trouble('process', what)
  const envoyStreams = swarm.envoys.reduce((sum, envoy) => sum + envoy.streams(), 0)
  return { journal, load, reconnects: swarm.crowd.reconnects, envoyStreams }
}

interface Place {
  readonly parts: AsyncDisposableStack
  readonly data: string
  readonly journal: SwarmJournal
}

/** Resolves when everybody is there and has everything. */
async function gather(options: SwarmOptions, { parts, data, journal }: Place): Promise<Swarm> {
  const backends = await Promise.all(['one', 'two'].map((name) => startEchoBackend(name)))
  for (const backend of backends) parts.use(backend)
  const [one, two] = backends.map(({ port }) => port)
  const ports = await freePorts(options.fleets)
  const scene = createSwarmScene({ ports, hosts, backends: [one ?? 0, two ?? 0] })
  const { connectionAgeMs } = options
  const stack = parts.use(await startSwarmStack({ records: scene.records, data, servers, connectionAgeMs }))
  const phase = journal.begin('all come')
  const serverPorts = stack.servers.map(({ port }) => port)
  const balancer = parts.use(await startBalancer(serverPorts))
  const churn = createChurn({ scene, stack, journal, everyMs: options.editEveryMs })
  parts.defer(() => churn.stop())
  const crowd = parts.use(
    startCrowd({
      ...{ port: balancer.port, size: options.clients, fleets: options.fleets },
      onTold: (bytes) => void (journal.phase.toldBytes += bytes),
      onEqual(member, resource, bytes) {
        journal.phase.equalBytes += bytes
        journal.trouble('equal', `${member} was told ${resource}, which it had`)
      },
      onBack: (member, { host, number }) => journal.trouble('back', `${member}: host ${host} went back to ${number}`),
      onMark: churn.arrived,
    }),
  )
  const envoys = await Promise.all(
    Array.from({ length: options.envoys }, (_, fleet) => {
      const onResent = (resource: string): void =>
        journal.trouble('equal', `envoy-${fleet} was told ${resource}, which it had`)
      return startSwarmEnvoy({ fleet, serverPorts, onResent }, parts)
    }),
  )
  const swarm = { options, scene, stack, crowd, envoys, journal, churn }
  await untilWhole(swarm, await stack.publisher.settled())
  phase.wholeMs = performance.now() - phase.startedMs
  finish(swarm, phase, 0)
  return swarm
}

function startRequests({ options, scene, envoys, journal }: Swarm): Load {
  const portOf = (fleet: number): number => {
    const record = [...scene.records.values()].find(
      (each) => each.kind === 'listener' && each.value.fleet === fleetName(fleet),
    )
    return record?.kind === 'listener' ? record.value.port : 0
  }
  return startLoad({
    targets: envoys.map(({ fleet }) => ({
      ...{ port: portOf(fleet), backends: ['one', 'two'] },
      host: (n: number) => scene.hostOf(fleet, n % hosts),
    })),
    perSecond: options.perSecond,
    onScheduled() {
      journal.phase.requests += 1
      return ({ asked, failure }) => {
        if (failure !== undefined) journal.trouble('request', `${asked}: ${failure}`)
      }
    },
  })
}

async function during(name: string, swarm: Swarm, act: (phase: SwarmPhase) => Promise<unknown>): Promise<void> {
  const before = swarm.crowd.reconnects
  const phase = swarm.journal.begin(name)
  await act(phase)
  finish(swarm, phase, before)
}

function finish({ options, crowd }: Swarm, phase: SwarmPhase, reconnectsBefore: number): void {
  phase.lastedMs = performance.now() - phase.startedMs
  phase.reconnects = crowd.reconnects - reconnectsBefore
  options.onPhase?.(phase)
}

/** As a rollout does it: the old one ends, and when its proxies have all found another place a new one comes. */
async function roll({ slot, ...server }: SwarmServer, swarm: Swarm, phase: SwarmPhase): Promise<void> {
  const { journal, stack } = swarm
  journal.noteCost({ slot, ...server })
  const code = await slot.stop()
  const tookMs = performance.now() - phase.startedMs
  if (code !== 0) journal.trouble('process', `${slot.name} ended with ${code}`)
  if (tookMs > exitWithinMs) journal.trouble('process', `${slot.name} took ${tookMs.toFixed(0)} ms to end`)
  const left = (): string[] => [...stack.feedback.keys()].filter((key) => key.endsWith(`.${slot.name}`))
  // Less than what an instance that says nothing more is remembered for.
  await until('its feedback is gone', () => left().length === 0, 5_000).catch(() => {
    journal.trouble('feedback', `${slot.name} has ended and still says: ${left().join(', ')}`)
  })
  await wholeAgain(swarm, phase)
  slot.start()
  await slot.waitUntilReady()
}

async function kill(server: SwarmServer, swarm: Swarm, phase: SwarmPhase): Promise<void> {
  swarm.journal.noteCost(server)
  await server.slot.kill()
  await wholeAgain(swarm, phase)
  server.slot.start()
  await server.slot.waitUntilReady()
}

/** By a commit that is made from now on: what a server said that is no more proves nothing. */
async function wholeAgain(swarm: Swarm, phase: SwarmPhase): Promise<void> {
  const { publisher } = swarm.stack
  const before = publisher.stream?.lastCommit ?? 0
  const commit = await until('an edit is made', () => {
    const last = publisher.stream?.lastCommit ?? 0
    return last > before ? last : undefined
  })
  await untilWhole(swarm, commit)
  phase.wholeMs = performance.now() - phase.startedMs
}

/** Each proxy has been told of with this commit. Not all at one time: the age of their connections moves some always. */
async function untilWhole({ stack, crowd, envoys, journal }: Swarm, commit: number): Promise<void> {
  const missing = new Set([...crowd.members, ...envoys].map(({ name }) => name))
  const allTold = (): boolean => {
    for (const { proxies } of stack.feedback.values()) {
      for (const { proxy, acknowledgedCommit } of proxies) if (acknowledgedCommit >= commit) missing.delete(proxy)
    }
    return missing.size === 0
  }
  await until('all proxies are connected', allTold, wholeWithinMs).catch(() => {
    journal.trouble('feedback', `nobody says that they acknowledged ${commit}: ${[...missing].join(', ')}`)
  })
}
