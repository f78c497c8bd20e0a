// `npm start`: the services of docker-compose.yml as local processes. Started by tools/bootstrap.mjs, which has
// installed and built everything.
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type EntryPoint, entryPoints } from './entry-points.ts'
import { type Console, showLine } from './log-line.ts'
import { readOptions, type StartOptions, usage } from './options.ts'
import { preparePlayground } from './playground.ts'
import { busyPorts, portVariables } from './ports.ts'
import { accepts } from './readiness.ts'
import { root, Stack } from './stack.ts'
import type { StackProcess } from './stack-process.ts'

const gatewayDeadlineMs = 20_000

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd())
  const console: Console = {
    colour: process.stdout.isTTY && !process.env.NO_COLOR,
    verbose: options.verbose,
    write: (line) => process.stdout.write(`${line}\n`),
  }
  if (options.help) {
    console.write(usage)
    return 0
  }
  prepareFolders(options)
  const variables = portVariables({ basePort: options.basePort, backendPort: options.backendPort ?? 13_000 })
  const gatewayPort = options.ownConfig ? undefined : entryPoints(options.config)[0]?.port
  const busy = await busyPorts(variables, gatewayPort)
  if (busy.length > 0) {
    for (const sentence of busy) console.write(sentence)
    return 1
  }
  const stop = new AbortController()
  stopOnSignal(stop)
  return await runStack({ options, variables, console, signal: stop.signal })
}

interface StackRun {
  options: StartOptions
  variables: Readonly<Record<string, string>>
  console: Console
  signal: AbortSignal
}

/** Starts everything, says so, and waits for the signal or for a service that ends. Leaves no process behind. */
async function runStack({ options, variables, console, signal }: StackRun): Promise<number> {
  const onLine = (service: { name: string; index: number }, line: string): void => {
    // What services say of their own end is of no use to who asked for it.
    if (signal.aborted && !console.verbose) return
    const shown = showLine(line, service, console)
    if (shown !== undefined) console.write(shown)
  }
  const { config, status, data } = options
  const stack = new Stack({ config, status, data, variables, onLine, signal })
  try {
    await stack.start()
    await announce(options, console, signal)
    const failed = await firstToEnd(stack.processes, signal)
    if (!failed) return 0
    console.write(`${failed} ended; its log: ${relative(process.cwd(), stack.process(failed).logFile)}`)
    return 1
  } catch (error) {
    if (signal.aborted) return 0
    console.write(error instanceof Error ? error.message : String(error))
    return 1
  } finally {
    await stack[Symbol.asyncDispose]()
    console.write('stopped')
  }
}

/** Says `ready` once the first listener takes connections, or what is missing. */
async function announce(options: StartOptions, console: Console, signal: AbortSignal): Promise<void> {
  const shown = relative(process.cwd(), options.config) || '.'
  const [first] = entryPoints(options.config)
  if (!first) {
    console.write(`ready, but no Gateway with an HTTP or HTTPS listener stands in ${shown} yet`)
    return
  }
  await listening(first, signal)
  console.write(`ready ${first.url}`)
  console.write(`  try    ${first.curl}`)
  console.write(`  edit   ${shown}, and watch ${relative(process.cwd(), options.status)} for what became of it`)
}

async function listening(entry: EntryPoint, signal: AbortSignal): Promise<void> {
  const until = Date.now() + gatewayDeadlineMs
  while (!(await accepts('127.0.0.1', entry.port))) {
    signal.throwIfAborted()
    if (Date.now() > until)
      throw new Error(`nothing listens on port ${entry.port} after ${gatewayDeadlineMs / 1_000} s`)
    await delay(50)
  }
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
