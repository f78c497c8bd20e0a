// The local stack on the folder of one scene, as `npm start` runs it, and what can be seen of an edit on its way.
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Bus, type CommittedChannel, channels, openBus } from '@penstock/bus'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { endWithParent, until } from '@penstock/testkit'
import { portVariables } from '@penstock/tools/ports'
import { Stack } from '@penstock/tools/stack'
import type { Contender } from './contender.ts'
import type { PlainServerOptions } from './plain-server.ts'
import { metric } from './prometheus.ts'
import type { Manifest, Scene } from './scene.ts'

const ports = portVariables({ basePort: 19_090, backendPort: 13_090 })
const fleet = 'local'
const startMs = 180_000
export const services = ['watcher', 'translator', 'xds-server', 'status-reporter', 'nats'] as const

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
  readonly #folder: string
  readonly #stop = new AbortController()
  readonly #stack: Stack
  readonly #guards: ChildProcess[] = []
  #bus: Bus | undefined
  #liveAt = 0

  constructor(scene: Scene, folder: string) {
    this.#scene = scene
    this.#folder = folder
    this.#stack = new Stack({
      config: join(folder, 'config'),
      status: join(folder, 'status'),
      data: join(folder, 'data'),
      variables: ports,
      onLine: ({ name }, line) => {
        if (name === 'xds-server' && line.includes('"msg":"live"')) this.#liveAt = performance.now()
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

  /** The Envoy of the stack itself. */
  get contender(): Contender {
    const serverPort = Number(ports.PENSTOCK_XDS_SERVER_PORT)
    return {
      name: 'scoped',
      portOffset: 0,
      envoyPid: this.pid('envoy'),
      acknowledgedAt: () => this.#liveAt,
      sent: async () => ({
        bytes: await metric(serverPort, 'penstock_xds_sent_bytes_total'),
        resources: await metric(serverPort, 'penstock_xds_resources_total'),
      }),
    }
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

  pid(service: string): number {
    return this.#stack.process(service).pid
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus?.[Symbol.asyncDispose]()
    await this.#stack[Symbol.asyncDispose]()
    for (const guard of this.#guards) guard.kill('SIGKILL')
    this.#stop.abort()
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

const natsUrl = (): string => `nats://127.0.0.1:${ports.PENSTOCK_NATS_PORT}`

export const untilShown = (what: string, shown: () => Promise<boolean>): Promise<boolean> => until(what, shown, startMs)
