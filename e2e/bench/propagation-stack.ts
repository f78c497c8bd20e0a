// The local stack on a folder of its own with one scene, as `npm start` runs it, and what can be seen of an edit on its way.
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Bus, type CommittedChannel, channels, openBus } from '@penstock/bus'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { endWithParent, until } from '@penstock/testkit'
import { writeStandIn } from '@penstock/testkit/agentgateway'
import { portVariables } from '@penstock/tools/ports'
import { Stack, type StackPlane } from '@penstock/tools/stack'
import type { Contender, Sent } from './contender.ts'
import type { PlainServerOptions } from './plain-server.ts'
import { residentMiB } from './process-cost.ts'
import { metric } from './prometheus.ts'
import type { Manifest, Scene } from './scene.ts'

const ports = portVariables({ basePort: 19_090, backendPort: 13_090 })
const serverPort = Number(ports.PENSTOCK_XDS_SERVER_PORT)
const fleet = 'local'
const startMs = 180_000
/** `server`: what serves the proxies of the plane. */
export const services = ['watcher', 'translator', 'server', 'status-reporter', 'nats'] as const
export type ServiceName = (typeof services)[number]
export const processes = [...services, 'proxy'] as const
export type ProcessName = (typeof processes)[number]

/** What the compose files call them. */
const planes: Readonly<Record<StackPlane, { readonly server: string; readonly proxy: string }>> = {
  envoy: { server: 'xds-server', proxy: 'envoy' },
  agentgateway: { server: 'agentgateway-server', proxy: 'agentgateway' },
}

/** When each was last seen, by the clock of `performance.now`. */
export interface Stages {
  /** When the watcher had heard of the file: whole milliseconds. */
  heardAt: number
  /** When the commit of RESOURCE, and that of IR, came to a reader like this one. */
  resourceAt: number
  irAt: number
}

export class PropagationStack implements AsyncDisposable {
  readonly stages: Stages = { heardAt: 0, resourceAt: 0, irAt: 0 }
  readonly #scene: Scene
  readonly #folder = mkdtempSync(join(tmpdir(), 'penstock-bench-'))
  readonly #plane: StackPlane
  readonly #stop = new AbortController()
  readonly #stack: Stack
  readonly #guards: ChildProcess[] = []
  #bus: Bus | undefined
  #liveAt = 0

  constructor(scene: Scene, plane: StackPlane) {
    this.#scene = scene
    this.#plane = plane
    this.#stack = new Stack({
      config: join(this.#folder, 'config'),
      status: join(this.#folder, 'status'),
      data: join(this.#folder, 'data'),
      plane,
      variables: { ...ports, AGENTGATEWAY_BIN: process.env['AGENTGATEWAY_BIN'] ?? writeStandIn(this.#folder) },
      onLine: ({ name }, line) => {
        if (name === planes[plane].server && line.includes('"msg":"live"')) this.#liveAt = performance.now()
      },
      signal: this.#stop.signal,
      // Nothing outlives a bench that is killed.
      onStarted: ({ service, pid }) => {
        if (service.ready !== 'exit') this.#guards.push(endWithParent(pid))
      },
      readyWithinMs: startMs,
    })
  }

  async start(): Promise<void> {
    for (const manifest of this.#scene.manifests()) this.write(manifest)
    await this.#stack.start()
    const bus = await this.#openBus()
    this.#bus = bus
    const follow = <V>(channel: CommittedChannel<V>, note: (changedAtMs: number) => void): Promise<void> =>
      bus.follow(channel, { onCommit: ({ commit }) => note(commit.oldestChangeMs) }).whenSynced()
    const resources = follow(channels.resource, (changedAtMs) => {
      this.stages.heardAt = changedAtMs - performance.timeOrigin
      this.stages.resourceAt = performance.now()
    })
    const ir = follow(channels.ir, () => (this.stages.irAt = performance.now()))
    await Promise.all([resources, ir])
  }

  /** Renamed into place, as an atomic deployment does it. Answers when it was. */
  write([file, text]: Manifest): number {
    const path = join(this.#folder, 'config', file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(`${path}.next`, text)
    const writtenAt = performance.now()
    renameSync(`${path}.next`, path)
    return writtenAt
  }

  /** The proxy of the stack itself. */
  get contender(): Contender {
    return {
      name: this.#plane === 'envoy' ? 'scoped' : this.#plane,
      portOffset: 0,
      proxyPid: this.pid('proxy'),
      acknowledgedAt: () => this.#liveAt,
      sent: () => this.sent(),
    }
  }

  /** By the counters of the server; of one type alone where that is named. */
  async sent(type?: string): Promise<Sent> {
    const labels = type === undefined ? {} : { type }
    const total = (name: string): Promise<number> => metric(serverPort, `penstock_xds_${name}_total`, labels)
    return {
      messages: await total('responses'),
      resources: await total('resources'),
      bytes: await total('sent_bytes'),
    }
  }

  /** Answers of the proxy that were no. */
  refusals(): Promise<number> {
    return metric(serverPort, 'penstock_xds_answers_total', { result: 'nack' })
  }

  /** What a server beside the stack's own needs to serve the same. */
  get place(): Omit<PlainServerOptions, 'portOffset'> {
    return {
      natsUrl: natsUrl(),
      natsPasswordFile: this.#password('xds-server'),
      sealingKeys: join(this.#folder, 'data/sealing-keys.json'),
      fleet,
    }
  }

  /** How many functions of the translator have run. */
  recomputedKeys(): Promise<number> {
    return metric(Number(ports.PENSTOCK_TRANSLATOR_PORT), 'penstock_translator_recomputed_keys')
  }

  /** MiB. */
  memory(): Record<string, number> {
    return Object.fromEntries(processes.map((name) => [name, residentMiB(this.pid(name))]))
  }

  pid(name: ProcessName): number {
    const { server, proxy } = planes[this.#plane]
    return this.#stack.process(name === 'server' ? server : name === 'proxy' ? proxy : name).pid
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus?.[Symbol.asyncDispose]()
    await this.#stack[Symbol.asyncDispose]()
    for (const guard of this.#guards) guard.kill('SIGKILL')
    this.#stop.abort()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #password(service: string): string {
    return join(this.#folder, 'data/nats-passwords', service)
  }

  #openBus(): Promise<Bus> {
    const access = { natsUrl: natsUrl(), natsPasswordFile: this.#password('console') }
    const none = { natsUser: '', natsPassword: '', natsCredentials: '' }
    const parts = { log: silentLogger, meter: silentMeter, signal: this.#stop.signal }
    return openBus('console', { ...access, ...none, install: 'local', source: 'local' }, parts)
  }
}

/** Ends with all that it wrote. */
export async function startStack(scene: Scene, plane: StackPlane = 'envoy'): Promise<PropagationStack> {
  const stack = new PropagationStack(scene, plane)
  try {
    await stack.start()
    return stack
  } catch (error) {
    await stack[Symbol.asyncDispose]()
    throw error
  }
}

const natsUrl = (): string => `nats://127.0.0.1:${ports.PENSTOCK_NATS_PORT}`

export const untilShown = (what: string, shown: () => Promise<boolean>): Promise<boolean> => until(what, shown, startMs)
