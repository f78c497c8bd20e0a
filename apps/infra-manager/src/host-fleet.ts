// One fleet on this machine: one proxy, and, while it is replaced, the next one beside it. A step looks at what is wanted and
// at what runs, and does what is due; whatever changed, the next step starts from there.
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Infra, Infrastructure } from '@penstock/ir'
import type { Logger } from '@penstock/telemetry'
import type { HostAddresses } from './host-addresses.ts'
import { closedPort, whyClosed, whyNotOpen } from './host-ports.ts'
import { type HostProcess, startHostProcess } from './host-process.ts'
import type { HostProxyKind, Succession } from './host-proxy.ts'
import { createRestarts } from './restarts.ts'

export interface HostFleetOptions {
  readonly fleet: string
  /** Where its processes have their folders. */
  readonly folder: string
  readonly addresses: HostAddresses
  /** A problem says why there is none of this plane. */
  kindOf(plane: string): HostProxyKind | { readonly problem: string }
  tell(infrastructure: Infrastructure | undefined): void
  readonly log: Logger
}

export interface HostFleet extends AsyncDisposable {
  /** Undefined: it is over when its clients have gone. */
  want(infra: Infra | undefined): void
  /** Nothing is wanted, and nothing runs. */
  readonly over: Promise<void>
}

/** A proxy, and what it was started for. */
interface Running extends Succession {
  readonly process: HostProcess
  readonly kind: HostProxyKind
  readonly infra: Infra
  readonly address: string
  /** Equal for proxies that need not be told apart. */
  readonly print: string
}

type Wanted = Omit<Running, 'process' | keyof Succession>

const [startingMs, retryMs, calmMs] = [30, 1_000, 30_000] as const

export function createHostFleet(options: HostFleetOptions): HostFleet {
  return new Fleet(options)
}

class Fleet implements HostFleet {
  readonly over: Promise<void>
  readonly #options: HostFleetOptions
  readonly #restarts = createRestarts()
  /** Those too that only serve what clients they still have. */
  readonly #all = new Set<Running>()
  #wanted: Infra | undefined
  #current: Running | undefined
  #next: Running | undefined
  #problem = ''
  /** Ports that could not be listened on: the proxy is not told when they can. */
  #closed: ReadonlySet<number> = new Set()
  /** Ports where the proxy does not listen though nobody is in its way, and since when. */
  #silent: ReadonlyMap<number, number> = new Map()
  /** Where it was last said to serve. */
  #served = ''
  /** One that should have taken over has ended: the next one shares ports with the one before until that one ends. */
  #isHeirless = false
  /** How often it was replaced by its like. */
  #renewals = 0
  #wake: () => void = () => {}
  #ending = false

  constructor(options: HostFleetOptions) {
    this.#options = options
    this.over = this.#live()
  }

  want(infra: Infra | undefined): void {
    this.#wanted = infra
    this.#restarts.reset()
    this.#wake()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true
    this.#wake()
    await this.#stopAll()
    await this.over
    // A step that was under way may have started one.
    await this.#stopAll()
  }

  async #stopAll(): Promise<void> {
    await Promise.all([...this.#all].map(({ process }) => process.stop()))
  }

  async #live(): Promise<void> {
    // What is wanted is told in this tick.
    await Promise.resolve()
    while (!this.#ending) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve))
      const againMs = await this.#step().catch((error: unknown) =>
        // A full disk, for one: the proxies that run go on.
        this.#say(`The proxy of fleet ${this.#options.fleet} cannot be seen to: ${reasonOf(error)}.`, retryMs),
      )
      if (againMs === undefined) break
      const timer = setTimeout(() => this.#wake(), againMs)
      await woken
      clearTimeout(timer)
    }
  }

  /** Returns when to look again if nothing happens before; undefined: never. */
  async #step(): Promise<number | undefined> {
    await this.#noteEnds()
    const infra = this.#wanted
    if (infra === undefined) {
      this.#options.tell(undefined)
      this.#callOff()
      if (this.#current) this.#dismiss(this.#current)
      this.#current = undefined
      return this.#all.size === 0 ? undefined : calmMs
    }
    const wanted = await this.#resolve(infra)
    if ('problem' in wanted) {
      await this.#endNext()
      return this.#say(wanted.problem, retryMs)
    }
    if (this.#next?.print !== wanted.print) await this.#endNext()
    if (this.#current?.print === wanted.print) {
      this.#callOff()
      return this.#lookAtPorts(this.#current, infra)
    }
    this.#next ??= await this.#start(wanted)
    if (this.#next === undefined) return Math.min(retryMs, this.#restarts.waitMs() || retryMs)
    if (!(await this.#next.kind.isReady(this.#next.process.folder))) return startingMs
    this.#takeOver(this.#next)
    return 0
  }

  async #resolve(infra: Infra): Promise<Wanted | { readonly problem: string }> {
    const kind = this.#options.kindOf(infra.plane)
    if ('problem' in kind) return kind
    const place = await this.#options.addresses.give(infra)
    if ('problem' in place) return place
    const { address } = place
    const command = kind.command({ infra, address, node: '', folder: '', line: '', epoch: 0 })
    const print = createHash('sha256')
      .update(JSON.stringify([command, address, this.#renewals]))
      .digest('hex')
    return { kind, infra, address, print }
  }

  /** Not while a port is somebody else's: two Envoys would share it in silence. Nor if it could listen nowhere. */
  async #start(wanted: Wanted): Promise<Running | undefined> {
    if (this.#restarts.waitMs() > 0) return undefined
    const { infra, address, kind } = wanted
    if (![...this.#all].some((one) => one.address === address)) {
      const closed = await closedPorts(portsOf(infra.ports), (port) => whyClosed(address, port))
      const isForeign = [...closed.values()].includes('EADDRINUSE')
      if (isForeign || (closed.size > 0 && closed.size === infra.ports.length)) {
        this.#say(sentences(address, closed), retryMs)
        return undefined
      }
    }
    if (this.#ending) return undefined
    const node = `${infra.fleet}-${randomBytes(4).toString('hex')}`
    const folder = join(this.#options.folder, node)
    const succession = this.#succession()
    const process = startHostProcess(folder, kind.command({ infra, address, node, folder, ...succession }))
    const running = { ...wanted, ...succession, process }
    this.#all.add(running)
    void process.ended.then(() => {
      this.#all.delete(running)
      this.#wake()
    })
    return running
  }

  #succession(): Succession {
    const before = this.#isHeirless ? undefined : this.#current
    if (before) return { line: before.line, epoch: before.epoch + 1 }
    const taken = new Set([...this.#all].map(({ line }) => line))
    const { folder, fleet } = this.#options
    for (let at = 0; ; at += 1)
      if (!taken.has(`${folder}/${fleet}/${at}`)) return { line: `${folder}/${fleet}/${at}`, epoch: 0 }
  }

  #takeOver(next: Running): void {
    const before = this.#current
    this.#current = next
    this.#next = undefined
    this.#isHeirless = false
    this.#restarts.ready()
    if (before) this.#dismiss(before, next.line === before.line)
    this.#say('', 0)
  }

  /** What is added to a proxy that runs is not tried before: it listens, or it cannot. */
  async #lookAtPorts(current: Running, infra: Infra): Promise<number> {
    const looked = await closedPorts(await missingPorts(current, infra.ports), (port) =>
      whyNotOpen(current.address, port),
    )
    // Asked once more: who answered there may have been the proxy itself, which had only just begun to listen.
    const missing = await missingPorts(current, infra.ports)
    const closed = new Map([...looked].filter(([port]) => missing.includes(port)))
    const silent = missing.filter((port) => !closed.has(port))
    if (await this.#isGivenUp(current, silent)) this.#renewals += 1
    this.#closed = new Set(closed.keys())
    if (missing.length > 0) return this.#say(sentences(current.address, closed), retryMs)
    this.#sayServed(current, infra)
    return this.#say('', calmMs)
  }

  /** Whether there is a port that nobody has any more, and that the proxy will not try again. */
  async #isGivenUp({ kind, process }: Running, silent: readonly number[]): Promise<boolean> {
    const now = performance.now()
    const before = this.#silent
    this.#silent = new Map(silent.map((port) => [port, before.get(port) ?? now]))
    if (silent.some((port) => this.#closed.has(port))) return true
    // It may be about to hear of the port. Once is enough: if the next one has none either, it is for another reason.
    const due = silent.filter((port) => now - (this.#silent.get(port) ?? now) >= retryMs)
    if (due.length === 0 || !(await kind.hasFailedToListen(process.folder))) return false
    this.#silent = new Map(silent.map((port) => [port, Number.POSITIVE_INFINITY]))
    return true
  }

  #sayServed({ address }: Running, { fleet, source, ports: all }: Infra): void {
    const { namespace = '', name = '' } = source ?? {}
    const ports = portsOf(all).join()
    if (this.#served === `${address}:${ports}`) return
    this.#served = `${address}:${ports}`
    this.#options.log.info('proxy_serves', { kind: 'Gateway', namespace, name, fleet, address, ports })
  }

  async #noteEnds(): Promise<void> {
    for (const one of [this.#current, this.#next]) {
      if (one === undefined || one.process.running) continue
      const how = await one.process.ended
      const message = `The proxy of fleet ${one.infra.fleet} does not run: ${how}`
      this.#options.log.error('proxy_ended', { fleet: one.infra.fleet, reason: how })
      this.#restarts.failed()
      if (this.#current === one) {
        this.#current = undefined
        this.#served = ''
      } else {
        this.#next = undefined
        this.#isHeirless = true
      }
      void one.process.stop()
      this.#problem = message
      this.#say(message, 0)
    }
  }

  /** An heir that is ready has the sockets of the one before, which cannot serve without it. */
  async #endNext(): Promise<void> {
    const next = this.#next
    if (next !== undefined && (await next.kind.isReady(next.process.folder))) this.#takeOver(next)
    else this.#callOff()
  }

  /** The next one serves nobody yet, and is another's heir no more. */
  #callOff(): void {
    if (this.#next === undefined) return
    void this.#next.process.stop()
    this.#next = undefined
    this.#isHeirless = true
  }

  /** It serves on until its clients have gone. */
  #dismiss({ process, kind, infra }: Running, hasHeir = false): void {
    void Promise.race([kind.drain(process.folder, infra, hasHeir), process.ended]).then(() => process.stop())
  }

  #say(problem: string, againMs: number): number {
    if (problem !== '' && problem !== this.#problem) {
      this.#options.log.error('infra_refused', { fleet: this.#options.fleet, reason: problem })
    }
    this.#problem = problem
    const { address } = this.#current ?? {}
    this.#options.tell({
      addresses: address === undefined ? [] : [{ type: 'IPAddress', value: address }],
      replicasWanted: 1,
      replicasReady: address === undefined ? 0 : 1,
      problem,
    })
    return againMs
  }
}

async function missingPorts({ kind, process }: Running, wanted: Infra['ports']): Promise<readonly number[]> {
  const open = await kind.ports(process.folder)
  return open === undefined ? [] : portsOf(wanted).filter((port) => !open.has(port))
}

async function closedPorts(
  ports: readonly number[],
  why: (port: number) => Promise<string | undefined>,
): Promise<Map<number, string>> {
  const codes = await Promise.all(ports.map(async (port) => [port, await why(port)] as const))
  return new Map(codes.flatMap(([port, code]) => (code === undefined ? [] : [[port, code] as const])))
}

const portsOf = (ports: Infra['ports']): number[] => ports.map(({ port }) => port)

const sentences = (address: string, closed: ReadonlyMap<number, string>): string =>
  [...closed].map(([port, code]) => closedPort(address, port, code)).join(' ')

const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
