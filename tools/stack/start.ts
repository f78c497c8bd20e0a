// `npm start`: the services of docker-compose.yml as local processes. Started by tools/bootstrap.mjs, which has
// installed and built everything.
import { existsSync } from 'node:fs'
import { delimiter, join, relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type EntryPoint, entryPoints } from './entry-points.ts'
import { type Console, readEvent, showLine } from './log-line.ts'
import { readOptions, type StartOptions, usage } from './options.ts'
import { createPidFile } from './pid-file.ts'
import { preparePlayground } from './playground.ts'
import { busyPorts, portVariables } from './ports.ts'
import { accepts } from './readiness.ts'
import { root, Stack } from './stack.ts'
import type { StackProcess } from './stack-process.ts'

/** Where the user typed the command; npm itself runs it in the project. */
const userFolder = process.env['INIT_CWD'] ?? process.cwd()
/** A proxy has its first listeners a moment after the services are ready, if it gets any. */
const listenDeadlineMs = 10_000

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), userFolder)
  const console: Console = {
    colour: process.stdout.isTTY && !process.env.NO_COLOR,
    verbose: options.verbose,
    write: (line) => process.stdout.write(`${line}\n`),
  }
  if (options.help) {
    console.write(usage)
    return 0
  }
  if (options.plane === 'agentgateway' && !hasAgentgateway()) {
    console.write(
      'there is no agentgateway on the PATH, nor in AGENTGATEWAY_BIN: take v1.4.1 from github.com/agentgateway/agentgateway/releases',
    )
    return 1
  }
  prepareFolders(options)
  const ports = portVariables({ basePort: options.basePort, backendPort: options.backendPort ?? 13_000 })
  const left = createPidFile(join(options.data, 'processes.json')).leftovers()
  if (left.length > 0) {
    console.write(`an earlier stack on ${options.data} still runs; end it first: kill ${left.join(' ')}`)
    return 1
  }
  const gatewayPort = options.ownConfig ? undefined : entryPoints(options.config)[0]?.port
  const busy = await busyPorts(ports, gatewayPort)
  if (busy.length > 0) {
    for (const sentence of busy) console.write(sentence)
    return 1
  }
  const taken = options.ownConfig && !ownProxies(options) ? await warnOfTakenPorts(options, console) : new Set<number>()
  const stop = new AbortController()
  stopOnSignal(stop)
  // Empty is as good as unset, there and here.
  const { AGENTGATEWAY_BIN = '', ENVOY_BIN = '' } = process.env
  const variables = { ...ports, AGENTGATEWAY_BIN, ENVOY_BIN }
  const addresses = ownProxies(options) ? new Map<string, string>() : undefined
  return await runStack({ options, addresses, taken, variables, console, signal: stop.signal })
}

/** An agentgateway listens on all addresses: several Gateways share one. */
const ownProxies = ({ plane }: Pick<StartOptions, 'plane'>): boolean => plane === 'envoy'

function hasAgentgateway(): boolean {
  const { AGENTGATEWAY_BIN, PATH = '' } = process.env
  const places = AGENTGATEWAY_BIN
    ? [AGENTGATEWAY_BIN]
    : PATH.split(delimiter).map((folder) => join(folder, 'agentgateway'))
  return places.some((file) => existsSync(file))
}

/** Not ours to move: the Gateway may also be of another class, or not be accepted. Returns those ports. */
async function warnOfTakenPorts({ config }: StartOptions, console: Console): Promise<Set<number>> {
  const taken = new Set<number>()
  for (const port of new Set(entryPoints(config).map((entry) => entry.port))) {
    if (!(await accepts('127.0.0.1', port))) continue
    taken.add(port)
    console.write(`port ${port}, on which a Gateway in ${config} wants to listen, is taken by another process`)
  }
  return taken
}

interface StackRun {
  options: StartOptions
  /** By Gateway, as soon as its proxy serves; undefined: all share one. */
  addresses: Map<string, string> | undefined
  /** Ports of Gateways that others had before the start. */
  taken: ReadonlySet<number>
  variables: Readonly<Record<string, string>>
  console: Console
  signal: AbortSignal
}

/** Starts everything, says so, and waits for the signal or for a service that ends. Leaves no process behind. */
async function runStack(run: StackRun): Promise<number> {
  const { options, addresses, variables, console, signal } = run
  const onLine = (service: { name: string; index: number }, line: string): void => {
    noteAddress(addresses, line)
    // What services say of their own end is of no use to anybody.
    if ((signal.aborted || stopping) && !console.verbose) return
    const shown = showLine(line, service, console)
    if (shown !== undefined) console.write(shown)
  }
  let stopping = false
  const { config, status, data, plane } = options
  const pids = createPidFile(join(data, 'processes.json'))
  const stack = new Stack({ config, status, data, plane, ownProxies: ownProxies(options), variables, onLine, signal })
  try {
    await stack.start()
    pids.write(stack.processes.map((one) => one.pid))
    await announce(run)
    const failed = await firstToEnd(stack.processes, signal)
    if (!failed) return 0
    const { code, signal: cause } = await stack.process(failed).ended
    const log = relative(userFolder, stack.process(failed).logFile)
    console.write(`${failed} ended (${cause ?? `exit code ${code}`}), so everything ends; its log: ${log}`)
    return 1
  } catch (error) {
    if (signal.aborted) return 0
    console.write(error instanceof Error ? error.message : String(error))
    return 1
  } finally {
    stopping = true
    await stack[Symbol.asyncDispose]()
    pids.remove()
    console.write('stopped')
  }
}

/** Says `ready` and what to try: a listener that the proxy serves; else that there is none yet. */
async function announce({ options, addresses, taken, console, signal }: StackRun): Promise<void> {
  const shown = relative(userFolder, options.config) || '.'
  const first = await firstServed({ options, addresses, taken, signal })
  const status = relative(userFolder, options.status)
  if (!first) {
    console.write(`ready, but no Gateway in ${shown} has a listener that serves; ${status} says why`)
    return
  }
  console.write(`ready ${first.url}`)
  console.write(`  try    ${first.curl}`)
  console.write(`  edit   ${shown}, and watch ${status} for what became of it`)
}

async function firstServed({
  options,
  addresses,
  taken,
  signal,
}: Pick<StackRun, 'options' | 'addresses' | 'taken' | 'signal'>): Promise<EntryPoint | undefined> {
  for (const until = Date.now() + listenDeadlineMs; Date.now() < until; await delay(50)) {
    signal.throwIfAborted()
    for (const entry of entryPoints(options.config, addresses)) {
      if (!taken.has(entry.port) && (await accepts(entry.address, entry.port))) return entry
    }
  }
  return undefined
}

function noteAddress(addresses: StackRun['addresses'], line: string): void {
  const { msg, namespace, name, address } = readEvent(line) ?? {}
  if (msg === 'proxy_serves') addresses?.set(`${namespace}/${name}`, String(address))
}

/** The name of the first service that ends by itself; undefined when the signal came first. */
async function firstToEnd(processes: readonly StackProcess[], signal: AbortSignal): Promise<string | undefined> {
  const services = processes.filter(({ service }) => service.ready !== 'exit')
  const stopped = new Promise<undefined>((done) => {
    if (signal.aborted) done(undefined)
    else signal.addEventListener('abort', () => done(undefined), { once: true })
  })
  return await Promise.race([stopped, ...services.map((one) => one.ended.then(() => one.service.name))])
}

/** Ctrl-C, SIGTERM, a closed terminal, and the end of whoever started this. */
function stopOnSignal(stop: AbortController): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort())
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) stop.abort()
  }, 500).unref()
}

function prepareFolders(options: StartOptions): void {
  if (options.ownConfig) {
    if (!existsSync(options.config)) throw new Error(`--config ${options.config}: no such folder`)
  } else {
    preparePlayground(join(root, 'examples/quickstart'), options.config, options)
  }
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  return 1
})
