// The world of one run: a broker, the processes on it, and the truth that all of it must agree on once nothing is broken.

import type { ModelBroker } from './broker.ts'
import { createForger, type Forger } from './forger.ts'
import { createLedger, type Ledger } from './ledger.ts'
import {
  type Announcing,
  type Edits,
  type Launch,
  launchAnnouncer,
  launchReader,
  launchTranslator,
  launchWatcher,
  type Member,
  type Reader,
  type Translator,
  type Truth,
  type Watcher,
} from './members.ts'
import { startProcess } from './process.ts'
import { heal, unrest } from './rest.ts'
import { deluded } from './scene.ts'
import { numbersFrom, realTime, type Time } from './time.ts'

export type Role = 'watcher' | 'translator' | 'reader' | 'announcer'

/** How a new process is made: it may believe in its lease for too long, or not know yet what should be there. */
export interface Trait {
  readonly deluded: boolean
  readonly known: boolean
  /** Whether commit records may travel in headers. */
  readonly inline: boolean
}

export interface WorldOptions {
  readonly broker: ModelBroker
  readonly time: Time
  readonly install: string
  /** 0: no message takes any time. */
  readonly weather: number
}

export interface Members {
  readonly watcher: Watcher[]
  readonly translator: Translator[]
  readonly reader: Reader[]
  readonly announcer: Announcing[]
}

const calm: Trait = { deluded: false, known: true, inline: true }
/** Nothing waits longer for anything, but for a busy machine. */
const patienceMs = 15_000

export async function createWorld(options: WorldOptions): Promise<World> {
  return new World(options, await createForger(options.broker, options.install))
}

export class World implements AsyncDisposable {
  readonly time: Time
  readonly broker: ModelBroker
  readonly ledger: Ledger
  readonly forger: Forger
  readonly truth: Truth = { texts: new Map(), held: new Set() }
  readonly members: Members = { watcher: [], translator: [], reader: [], announcer: [] }
  readonly #install: string
  readonly #lagMs: () => number
  readonly #open: AsyncDisposable[]
  readonly #stopping: Promise<void>[] = []
  readonly #cutAtMs = new Map<Member, number>()
  #names = 0

  constructor({ broker, time, install, weather }: WorldOptions, forger: Forger) {
    this.time = time
    this.broker = broker
    this.ledger = createLedger(install, { ordered: time !== realTime })
    this.forger = forger
    this.#install = install
    this.#lagMs = lagIn(weather)
    this.#open = [forger]
  }

  get all(): readonly Member[] {
    return Object.values(this.members).flat()
  }

  async launch(role: Role, some?: Partial<Trait>): Promise<void> {
    const { members, truth, ledger } = this
    this.#names += 1
    const trait = { ...calm, ...some }
    const name = `${role}-${this.#names}`
    const launch = this.#launcher(trait)
    if (role === 'watcher') members.watcher.push(await launchWatcher(truth, trait.known, { ledger, launch }))
    else if (role === 'translator') members.translator.push(await launchTranslator(name, { ledger, launch }))
    else if (role === 'reader') members.reader.push(await launchReader(name, { ledger, launch }))
    else members.announcer.push(await launchAnnouncer(name, launch))
  }

  #launcher({ deluded: isDeluded, inline }: Trait): Launch {
    const settings = { ...(isDeluded && deluded), ...(!inline && { maxInlineCommitBytes: 0 }) }
    const place = { install: this.#install, settings, lagMs: this.#lagMs }
    return async (service, witness) => {
      const process = await startProcess(this.broker, { ...place, service, ...(witness && { witness }) })
      this.#open.push(process.bus)
      return process
    }
  }

  /** Changes the truth; `held`: what is held from now on. */
  edit(edits: Edits, held?: ReadonlySet<string>): void {
    const { truth, members } = this
    for (const [key, text] of edits) {
      if (text === undefined) truth.texts.delete(key)
      else truth.texts.set(key, text)
    }
    const changed = edits.map(([key]) => key)
    if (held !== undefined) {
      changed.push(...truth.held, ...held)
      truth.held.clear()
      for (const key of held) truth.held.add(key)
    }
    for (const watcher of members.watcher) watcher.see(changed)
  }

  /** Ends in order, in the background. */
  stop(member: Member): void {
    this.forget(member)
    this.#stopping.push(member.process.stop())
  }

  kill(member: Member): void {
    this.forget(member)
    member.process.kill()
  }

  forget(member: Member): void {
    for (const role of Object.values(this.members) as Member[][]) {
      const index = role.indexOf(member)
      if (index >= 0) role.splice(index, 1)
    }
  }

  cut(member: Member): void {
    member.process.cut()
    if (!this.#cutAtMs.has(member)) this.#cutAtMs.set(member, performance.now())
  }

  join(member: Member): void {
    const cutAtMs = this.#cutAtMs.get(member) ?? performance.now()
    this.#cutAtMs.delete(member)
    // Who is away for long misses the removals whose tombstones went away.
    if (performance.now() - cutAtMs > shortMs) this.ledger.interrupt()
    member.process.join()
  }

  /** Nothing is broken any more, everybody knows: then all agree with the truth, or this throws. */
  async rest(): Promise<void> {
    const { broker, ledger, time } = this
    if (!broker.up) ledger.interrupt()
    await broker.start()
    await heal(this)
    const isCalm = await time.until(() => ledger.broken !== undefined || unrest(this) === undefined, patienceMs)
    if (ledger.broken !== undefined) throw new Error(ledger.broken)
    if (!isCalm) throw new Error(`not at rest: ${unrest(this)}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process } of this.all) process.thaw()
    for (const { process } of this.all) process.kill()
    let ended = false
    const ending = Promise.allSettled([...this.#stopping, ...this.#open.map((part) => part[Symbol.asyncDispose]())])
    void ending.then(() => {
      ended = true
    })
    await this.time.until(() => ended, patienceMs)
    this.time.end()
  }
}

/** Well below the life of a tombstone. */
const shortMs = 500

function lagIn(weather: number): () => number {
  if (weather === 0) return () => 0
  const next = numbersFrom(weather)
  const lags = [0, 0, 0, 0, 1, 3, 10]
  return () => lags[Math.floor(next() * lags.length)] ?? 0
}
