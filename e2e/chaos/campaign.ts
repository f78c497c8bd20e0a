// The course of outages on the local stack, and whether it is then where a fresh start on the same folder would be.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts, startEchoBackend } from '@penstock/testkit'
import { checkStatus, compareWithFresh } from './aftermath.ts'
import {
  type ChaosFolder,
  createChaosFolder,
  type FolderPorts,
  hostOf,
  loadTargets,
  websocketPath,
} from './chaos-folder.ts'
import { type ChaosStack, startChaosStack } from './chaos-stack.ts'
import { type CourseOptions, type Report, type Rig, runCourse, untilServing } from './course.ts'
import { createEditor } from './editor.ts'
import { createEdits } from './edits.ts'
import type { Fault } from './faults.ts'
import { startGrpcBackend, startWebSocketBackend } from './held-backends.ts'
import { grpcStream, holdStream, webSocket } from './held-streams.ts'
import { createJournal } from './journal.ts'
import { createOutside } from './outside.ts'

export interface CampaignOptions extends CourseOptions {
  readonly faults: readonly Fault[]
}

export async function runCampaign(options: CampaignOptions): Promise<Report> {
  await using parts = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'penstock-chaos-'))
  parts.defer(() => (process.env.KEEP ? undefined : rmSync(dir, { recursive: true, force: true })))
  const places = { config: join(dir, 'config'), statusFolder: join(dir, 'status') }
  const folder = createChaosFolder(places.config, await takePorts(parts))
  const journal = createJournal()
  const onResent = (resource: string): void => journal.trouble('resent', resource)
  const stack = parts.use(await startChaosStack({ ...places, data: join(dir, 'data'), onResent }))
  const rig = rigOf(stack, folder, places.statusFolder)
  const { http } = folder.ports
  await untilServing([...rig.targets, { port: http, host: () => hostOf('grpc'), path: websocketPath, backends: [] }])

  const outages = options.faults.map(({ name, strike }) => ({ name, strike: () => strike(stack) }))
  const report = await runCourse(rig, journal, outages, options)

  for (const sentence of stack.slots.flatMap(({ surprises }) => surprises)) journal.trouble('process', sentence)
  await checkStatus(places.config, places.statusFolder, (what) => journal.trouble('status', what))
  await stack[Symbol.asyncDispose]()
  const fresh = { config: places.config, statusFolder: join(dir, 'fresh-status'), data: join(dir, 'fresh') }
  await compareWithFresh(stack.ledger.held, fresh, (what) => journal.trouble('fresh start', what))
  return report
}

function rigOf(stack: ChaosStack, folder: ChaosFolder, statusFolder: string): Rig {
  const { http } = folder.ports
  const editor = createEditor(createEdits(folder, createOutside(folder.ports, statusFolder)))
  const origin = `127.0.0.1:${http}`
  return {
    targets: loadTargets(folder.ports),
    streams: [
      (onCut) => holdStream('WebSocket', webSocket(`ws://${origin}${websocketPath}`), onCut),
      (onCut) => holdStream('gRPC stream', grpcStream(`http://${origin}`, hostOf('grpc')), onCut),
    ],
    nextEdit: editor.next,
    broken: { breakIt: editor.breakFile, mendIt: editor.mendFile },
    lastEdits: editor.last,
    holders: () => [...stack.slots, { name: 'envoy', pid: stack.envoy.pid }],
    resourcesSent: () => stack.ledger.sentCount,
    async untilReady(tell) {
      for (const slot of stack.slots) await slot.waitUntilReady().catch((error: Error) => tell(error.message))
    },
  }
}

export async function takePorts(parts: AsyncDisposableStack): Promise<FolderPorts> {
  const [http = 0, https = 0] = await freePorts(2)
  const taker = createServer().listen(0, '0.0.0.0')
  parts.defer(() => void taker.close())
  await once(taker, 'listening')
  const [v1, v2] = [parts.use(await startEchoBackend('v1')), parts.use(await startEchoBackend('v2'))]
  const [websocket, grpc] = [parts.use(await startWebSocketBackend()), parts.use(await startGrpcBackend())]
  return {
    ...{ http, https, taken: (taker.address() as AddressInfo).port },
    backends: { v1: v1.port, v2: v2.port, websocket: websocket.port, grpc: grpc.port },
  }
}
