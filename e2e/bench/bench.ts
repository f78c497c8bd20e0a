// One stack with n routes, and the edits that are measured on it.
import { type Agent, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Bus, channels, openBus } from '@penstock/bus'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { portVariables } from '@penstock/tools/ports'
import { Stack } from '@penstock/tools/stack'
import { cpuMs, residentMiB } from './process-cost.ts'
import { metric } from './prometheus.ts'
import type { EditCost } from './result-table.ts'
import { editSeen, gatewayPort, hostOf, writeFolder, writeRoute } from './route-folder.ts'

const backendPort = 13_090
const ports = portVariables({ basePort: 19_090, backendPort })
const deadlineMs = 60_000
const pauseMs = 10
const services = ['watcher', 'translator', 'xds-server', 'status-reporter', 'envoy', 'nats']

export interface BenchOptions {
  folder: string
  routes: number
  agent: Agent
}

export class Bench implements AsyncDisposable {
  readonly #options: BenchOptions
  readonly #stop = new AbortController()
  readonly #stack: Stack
  #bus: Bus | undefined
  #edit = 0
  /** Set by the newest RESOURCE commit and the newest `live` line: when each was seen here. */
  #resourceAt = 0
  #liveAt = 0

  constructor(options: BenchOptions) {
    this.#options = options
    const { folder } = options
    this.#stack = new Stack({
      config: join(folder, 'config'),
      status: join(folder, 'status'),
      data: join(folder, 'data'),
      variables: ports,
      onLine: ({ name }, line) => {
        if (name === 'xds-server' && line.includes('"msg":"live"')) this.#liveAt = performance.now()
      },
      signal: this.#stop.signal,
    })
  }

  async start(): Promise<void> {
    const { folder, routes } = this.#options
    writeFolder(join(folder, 'config'), routes, backendPort)
    await this.#stack.start()
    const config = { natsUrl: `nats://127.0.0.1:${ports.PENSTOCK_NATS_PORT}`, install: 'local', source: 'local' }
    const natsPasswordFile = join(folder, 'data/nats-passwords/console')
    const access = { ...config, natsUser: '', natsPassword: '', natsPasswordFile, natsCredentials: '' }
    const parts = { log: silentLogger, meter: silentMeter, signal: this.#stop.signal }
    this.#bus = await openBus('console', access, parts)
    const follower = this.#bus.follow(channels.resource, { onCommit: () => (this.#resourceAt = performance.now()) })
    await follower.whenSynced()
    await this.#until(() => this.#sees(routes - 1, 0))
  }

  /** Not counted: the first edits run cold code. */
  async warmUp(edits: number): Promise<void> {
    for (let done = 0; done < edits; done += 1) await this.#editAndWait()
  }

  /** Milliseconds from the rename to the first request that shows the edit, asking all the time. */
  async requestsSee(edits: number): Promise<number[]> {
    const times: number[] = []
    for (let done = 0; done < edits; done += 1) {
      await delay(pauseMs)
      const route = this.#nextRoute()
      const startedAt = performance.now()
      writeRoute(join(this.#options.folder, 'config'), route, this.#edit)
      while (!(await this.#sees(route, this.#edit))) if (performance.now() - startedAt > deadlineMs) throw this.#late()
      times.push(performance.now() - startedAt)
    }
    return times
  }

  /** What an edit costs while nobody asks for anything. */
  async costOf(edits: number): Promise<EditCost> {
    await delay(500)
    const before = await this.#counters()
    const acknowledgedMs: number[] = []
    const publishedMs: number[] = []
    for (let done = 0; done < edits; done += 1) {
      const writtenAt = await this.#editAndWait()
      publishedMs.push(this.#resourceAt - writtenAt)
      acknowledgedMs.push(this.#liveAt - this.#resourceAt)
    }
    const after = await this.#counters()
    const perEdit = (of: keyof typeof after): number => (after[of] - before[of]) / edits
    return {
      publishedMs,
      acknowledgedMs,
      bytesToEnvoy: perEdit('bytes'),
      resourcesToEnvoy: perEdit('resources'),
      keysRecomputed: perEdit('keys'),
      envoyCpuMs: perEdit('envoy'),
      translatorCpuMs: perEdit('translator'),
      serverCpuMs: perEdit('server'),
    }
  }

  memory(): Record<string, number> {
    return Object.fromEntries(services.map((service) => [service, residentMiB(this.#pid(service))]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus?.[Symbol.asyncDispose]()
    await this.#stack[Symbol.asyncDispose]()
    this.#stop.abort()
  }

  /** Returns when the file was written. */
  async #editAndWait(): Promise<number> {
    await delay(pauseMs)
    const startedAt = performance.now()
    writeRoute(join(this.#options.folder, 'config'), this.#nextRoute(), this.#edit)
    await this.#until(() => this.#liveAt > startedAt && this.#resourceAt > startedAt)
    return startedAt
  }

  /** Spread over all routes; 7,919 is prime. */
  #nextRoute(): number {
    this.#edit += 1
    return (this.#edit * 7_919) % this.#options.routes
  }

  async #sees(route: number, edit: number): Promise<boolean> {
    const headers = await this.#head(hostOf(route)).catch(() => undefined)
    return headers !== undefined && editSeen(headers) === edit
  }

  #head(host: string): Promise<Readonly<Record<string, string | string[] | undefined>>> {
    const { agent } = this.#options
    return new Promise((resolve, reject) => {
      const sent = request({ port: gatewayPort, host: '127.0.0.1', headers: { host }, agent }, (response) => {
        response.resume().once('end', () => resolve(response.headers))
      })
      sent.once('error', reject).end()
    })
  }

  async #counters() {
    const [translatorAdmin, serverAdmin] = [ports.PENSTOCK_TRANSLATOR_PORT, ports.PENSTOCK_XDS_SERVER_PORT].map(Number)
    return {
      keys: await metric(translatorAdmin ?? 0, 'penstock_translator_recomputed_keys'),
      bytes: await metric(serverAdmin ?? 0, 'penstock_xds_sent_bytes_total'),
      resources: await metric(serverAdmin ?? 0, 'penstock_xds_resources_total'),
      envoy: cpuMs(this.#pid('envoy')),
      translator: cpuMs(this.#pid('translator')),
      server: cpuMs(this.#pid('xds-server')),
    }
  }

  #pid(service: string): number {
    return this.#stack.process(service).pid
  }

  async #until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const end = performance.now() + deadlineMs
    while (!(await condition())) {
      if (performance.now() > end) throw this.#late()
      await delay(1)
    }
  }

  #late(): Error {
    return new Error(`edit ${this.#edit} was not in force within ${deadlineMs / 1_000} s`)
  }
}
