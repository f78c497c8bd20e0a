// The services of docker-compose.yml as processes: started in order, ended in the reverse one.
import { mkdirSync, readFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import type { PlaneName } from '@penstock/ir'
import { readCompose, type StackService } from './compose.ts'
import { waitUntilReady } from './readiness.ts'
import { StackProcess, type StackProcessOptions } from './stack-process.ts'

export type { StackService } from './compose.ts'
export { waitUntilReady } from './readiness.ts'
export type { StackProcess } from './stack-process.ts'

export const root = resolve(import.meta.dirname, '../..')
const serviceDeadlineMs = 30_000
const stopGraceMs = 5_000

/** What serves the Gateways, and the files that say how. */
export const composeFiles = {
  envoy: ['docker-compose.yml'],
  agentgateway: ['docker-compose.yml', 'docker-compose.agentgateway.yml'],
} as const satisfies Record<PlaneName, readonly string[]>
export type StackPlane = keyof typeof composeFiles
/** Laid over them: an Envoy for each Gateway. */
const hostFile = 'docker-compose.host.yml'

export interface StackOptions {
  config: string
  status: string
  /** What the stack keeps between starts: streams, keys, logs. */
  data: string
  plane?: StackPlane
  /** Each Gateway has a proxy of its own, on an address of its own; else all share one. */
  ownProxies?: boolean
  /** Values for the compose files, ports above all. */
  variables: Readonly<Record<string, string>>
  onLine(service: { name: string; index: number }, line: string): void
  signal: AbortSignal
  /** Told each process as soon as it runs. */
  onStarted?(process: StackProcess): void
  /** How long each service may take to be ready; default 30 s. */
  readyWithinMs?: number
}

/** The services of the compose files with these values, in start order. */
export function stackServices(
  options: Pick<StackOptions, 'config' | 'status' | 'data' | 'plane' | 'ownProxies' | 'variables'>,
): StackService[] {
  const { config, status, data, plane = 'envoy', ownProxies = false, variables } = options
  const folders = { PENSTOCK_CONFIG: config, PENSTOCK_STATUS: status, PENSTOCK_DATA: data }
  const files = [...composeFiles[plane], ...(ownProxies ? [hostFile] : [])]
  const texts = files.map((file) => readFileSync(join(root, file), 'utf8'))
  return readCompose(texts, { ...variables, ...folders })
}

/** With the programs of this checkout on its path. */
export function startProcess(
  service: StackService,
  output: Pick<StackProcessOptions, 'logFile' | 'onLine'>,
): StackProcess {
  const path = [
    join(root, 'node_modules/.bin'),
    join(root, '.penstock/python/envoy/_bin'),
    join(root, '.penstock/python/bin'),
    process.env.PATH,
  ]
  return new StackProcess(service, {
    ...output,
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
  })
}

export class Stack implements AsyncDisposable {
  readonly processes: StackProcess[] = []
  private readonly options: StackOptions

  constructor(options: StackOptions) {
    this.options = options
    for (const folder of [options.status, options.data]) mkdirSync(folder, { recursive: true })
  }

  /** Resolves when every service is ready; rejects with the first that is not. */
  async start(): Promise<void> {
    const services = stackServices(this.options)
    // One that fails ends the start of the others, and nothing is started behind its back.
    const failure = new AbortController()
    const signal = AbortSignal.any([this.options.signal, failure.signal])
    const ready = new Map<string, Promise<void>>()
    for (const [index, service] of services.entries()) {
      const start = this.startOne({ service, index, ready, signal })
      start.catch((error: unknown) => failure.abort(error))
      ready.set(service.name, start)
    }
    await Promise.allSettled(ready.values())
    signal.throwIfAborted()
  }

  /** Throws when there is no such service, or it has not been started. */
  process(name: string): StackProcess {
    const found = this.processes.find(({ service }) => service.name === name)
    if (!found) throw new Error(`no service "${name}" is running`)
    return found
  }

  /** The proxies and servers first, NATS last: each still has what it needs to end well. */
  async [Symbol.asyncDispose](): Promise<void> {
    const isNats = ({ service }: StackProcess): boolean => service.name === 'nats'
    await Promise.all(this.processes.filter((one) => !isNats(one)).map((one) => one.stop(stopGraceMs)))
    await this.processes.find(isNats)?.stop(stopGraceMs)
  }

  private async startOne(one: {
    service: StackService
    index: number
    ready: ReadonlyMap<string, Promise<void>>
    signal: AbortSignal
  }): Promise<void> {
    const { service, index, ready, signal } = one
    for (const name of service.dependsOn) await ready.get(name)
    signal.throwIfAborted()
    const started = startProcess(service, {
      logFile: join(this.options.data, 'log', `${service.name}.log`),
      onLine: (line) => this.options.onLine({ name: service.name, index }, line),
    })
    this.processes.push(started)
    if (started.running) this.options.onStarted?.(started)
    await waitUntilReady(started, this.options.readyWithinMs ?? serviceDeadlineMs, signal)
  }
}
