// Faults one after the other on a stack that serves requests and takes edits all the while; at the end, whether it is
// where a fresh start on the same folder would be.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { exchange, startEchoBackend, until } from '@penstock/testkit'
import { freePorts } from '../features/free-ports.ts'
import { checkStatus, compareWithFresh } from './aftermath.ts'
import { createChaosFolder, type FolderPorts, hostOf, loadTargets, websocketPath } from './chaos-folder.ts'
import { type ChaosStack, startChaosStack } from './chaos-stack.ts'
import { type EditWatch, startEditWatch } from './edit-watch.ts'
import { createEditor } from './editor.ts'
import { createEdits } from './edits.ts'
import type { Fault } from './faults.ts'
import { footprintOf, growthSince } from './footprint.ts'
import { startGrpcBackend, startWebSocketBackend } from './held-backends.ts'
import { grpcStream, type HeldStream, holdStream, webSocket } from './held-streams.ts'
import { createJournal, type Journal, type Phase } from './journal.ts'
import { type Load, startLoad, type Target } from './load.ts'
import { createOutside } from './outside.ts'

export interface CampaignOptions {
  readonly faults: readonly Fault[]
  readonly perSecond: number
  readonly editEveryMs: number
  onPhase?(phase: Phase): void
}

export interface Report {
  readonly journal: Journal
  readonly load: Pick<Load, 'asked' | 'runMs'>
  readonly streams: readonly HeldStream[]
  readonly editsMade: number
}

/** Everything that one campaign needs at hand. */
interface Scene {
  readonly stack: ChaosStack
  readonly journal: Journal
  readonly watch: EditWatch
}

const settleDeadlineMs = 60_000
/** So many edits made after an outage must arrive too before the next. */
const editsAfter = 3
/** Without a fault, before the first and after the last. */
const calm = (): Promise<void> => delay(2_000)

export async function runCampaign(options: CampaignOptions): Promise<Report> {
  await using parts = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'penstock-chaos-'))
  parts.defer(() => (process.env.KEEP ? undefined : rmSync(dir, { recursive: true, force: true })))
  const places = { config: join(dir, 'config'), statusFolder: join(dir, 'status') }
  const folder = createChaosFolder(places.config, await takePorts(parts))
  const journal = createJournal()
  const onResent = (resource: string): void => journal.trouble('resent', resource)
  const stack = parts.use(await startChaosStack({ ...places, data: join(dir, 'data'), onResent }))
  const watch = parts.use(startEditWatch())
  const scene: Scene = { stack, journal, watch }

  const targets = loadTargets(folder.ports)
  await untilServing(folder.ports, targets)
  const before = journal.begin('none, before')
  const load = startLoad({ targets, perSecond: options.perSecond, onScheduled: () => journal.request() })
  parts.defer(() => load.stop())
  const streams = await holdStreams(folder.ports, journal)
  const editor = createEditor(createEdits(folder, createOutside(folder.ports.http, places.statusFolder)))
  const editing = setInterval(() => watch.make(editor.next()), options.editEveryMs)
  parts.defer(() => clearInterval(editing))
  await under(before, scene, options, calm)
  for (const { name, strike } of options.faults) {
    const fault = journal.begin(name)
    watch.make(editor.breakFile())
    await under(fault, scene, options, async () => void (await strike(stack)))
    watch.make(editor.mendFile())
  }
  await under(journal.begin('none, after'), scene, options, calm)
  clearInterval(editing)
  for (const edit of editor.last()) watch.make(edit)
  await untilArrived(scene, performance.now(), 0)

  for (const stream of streams) await stream.close()
  await load.stop()
  for (const sentence of stack.slots.flatMap(({ surprises }) => surprises)) journal.trouble('process', sentence)
  await checkStatus(places.config, places.statusFolder, (what) => journal.trouble('status', what))
  const editsMade = watch.between(0, Infinity).length
  await watch[Symbol.asyncDispose]()
  await stack[Symbol.asyncDispose]()
  const fresh = { config: places.config, statusFolder: join(dir, 'fresh-status'), data: join(dir, 'fresh') }
  await compareWithFresh(stack.ledger.held, fresh, (what) => journal.trouble('fresh start', what))
  return { journal, load, streams, editsMade }
}

/** Runs one outage, and waits until nothing shows that it was. */
async function under(phase: Phase, scene: Scene, options: CampaignOptions, outage: () => Promise<void>): Promise<void> {
  const { stack, watch, journal } = scene
  const holders = (): { name: string; pid: number }[] => [...stack.slots, { name: 'envoy', pid: stack.envoy.pid }]
  const footprint = footprintOf(holders())
  const sentBefore = stack.ledger.sentCount
  await outage()
  const overMs = performance.now()
  await untilArrived(scene, overMs, editsAfter)
  for (const slot of stack.slots) {
    await slot.waitUntilReady().catch((error: Error) => journal.trouble('process', error.message))
  }
  const edits = watch.between(phase.startedMs, overMs)
  phase.edits = edits.length
  phase.lastLiveMs = Math.max(0, ...edits.map(({ liveMs }) => (liveMs ?? Infinity) - overMs))
  phase.lastToldMs = Math.max(0, ...edits.map(({ toldMs }) => (toldMs ?? Infinity) - overMs))
  phase.resources = stack.ledger.sentCount - sentBefore
  phase.growth = growthSince(footprint, holders())
  options.onPhase?.(phase)
}

/** Waits for all edits that were made until then, and for some that were made later. */
async function untilArrived({ watch, journal }: Scene, untilMs: number, later: number): Promise<void> {
  const haveArrived = (): boolean => watch.missing(untilMs).length === 0 && watch.arrivedSince(untilMs) >= later
  await until('all edits are in force', haveArrived, settleDeadlineMs).catch(() => {
    const late = watch.missing(untilMs).map(({ edit, liveMs }) => `${edit.target} ${liveMs ? 'untold' : 'not live'}`)
    journal.trouble('late', `not within ${settleDeadlineMs} ms after the outage: ${late.join(', ')}`)
  })
}

async function takePorts(parts: AsyncDisposableStack): Promise<FolderPorts> {
  const http = await freePorts(2)
  const taker = createServer().listen(0, '0.0.0.0')
  parts.defer(() => void taker.close())
  await once(taker, 'listening')
  const [v1, v2] = [parts.use(await startEchoBackend('v1')), parts.use(await startEchoBackend('v2'))]
  const [websocket, grpc] = [parts.use(await startWebSocketBackend()), parts.use(await startGrpcBackend())]
  return {
    ...{ http, https: http + 1, taken: (taker.address() as AddressInfo).port },
    backends: { v1: v1.port, v2: v2.port, websocket: websocket.port, grpc: grpc.port },
  }
}

function holdStreams({ http }: FolderPorts, journal: Journal): Promise<HeldStream[]> {
  const onCut = (why: string): void => journal.trouble('stream', why)
  return Promise.all([
    holdStream('WebSocket', webSocket(`ws://127.0.0.1:${http}${websocketPath}`), onCut),
    holdStream('gRPC stream', grpcStream(http, hostOf('grpc')), onCut),
  ])
}

/** Waits until every route of the folder does what it is for. */
async function untilServing({ http }: FolderPorts, targets: readonly Target[]): Promise<void> {
  const all = [...targets, { port: http, host: () => hostOf('grpc'), path: websocketPath }]
  for (const { host, ...target } of all) {
    const asked = { ...target, host: host(0) }
    await until(`${asked.host} is served`, async () => (await exchange(asked).catch(() => undefined))?.status !== 404)
  }
}
