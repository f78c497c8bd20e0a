// All fleets of a server: made when a proxy or an update names them, forgotten some time after their last proxy went.
import { Fleet, type FleetOptions } from './fleet.ts'
import type { ProxyNode } from './proxy-node.ts'
import type { ProxyStream } from './proxy-stream.ts'

export interface XdsEvents {
  /** A proxy of a fleet came, before anything else is heard of it, or went. One that comes back may come first. */
  onProxy?(fleet: string, node: ProxyNode, connected: boolean): void
  /** The first proxy of a fleet came; or its last one went and none came for a while. */
  onFleet(fleet: string, wanted: boolean): void
  /** What `proxies(fleet)` says has changed by a proxy: it came, went, or answered. Several at once are one call. */
  onProxies(fleet: string): void
}

export interface FleetsOptions extends FleetOptions {
  events: XdsEvents
  idleMs: number
}

export class Fleets implements Disposable {
  readonly #options: FleetsOptions
  readonly #fleets = new Map<string, Fleet>()
  readonly #wanted = new Set<string>()
  readonly #idle = new Map<string, NodeJS.Timeout>()
  readonly #touched = new Set<string>()
  #telling: NodeJS.Immediate | undefined

  constructor(options: FleetsOptions) {
    this.#options = options
  }

  find(name: string): Fleet | undefined {
    return this.#fleets.get(name)
  }

  get(name: string): Fleet {
    let fleet = this.#fleets.get(name)
    if (!fleet) this.#fleets.set(name, (fleet = new Fleet(name, this.#options)))
    return fleet
  }

  *streams(): Iterable<ProxyStream> {
    for (const fleet of this.#fleets.values()) yield* fleet.streams
  }

  join(fleet: Fleet, stream: ProxyStream): void {
    clearTimeout(this.#idle.get(fleet.name))
    this.#idle.delete(fleet.name)
    fleet.streams.add(stream)
    this.touch(fleet.name)
    if (this.#wanted.has(fleet.name)) return
    this.#options.events.onFleet(fleet.name, true)
    this.#wanted.add(fleet.name)
  }

  leave(fleet: Fleet, stream: ProxyStream): void {
    fleet.streams.delete(stream)
    this.touch(fleet.name)
    if (fleet.streams.size > 0) return
    clearTimeout(this.#idle.get(fleet.name))
    this.#idle.set(fleet.name, setTimeout(() => this.#forget(fleet.name), this.#options.idleMs).unref())
  }

  /** Answers of many proxies arrive together: tells once, at the end of this turn of the event loop. */
  touch(name: string): void {
    this.#touched.add(name)
    this.#telling ??= setImmediate(() => {
      this.#telling = undefined
      const names = [...this.#touched]
      this.#touched.clear()
      for (const touched of names) this.#options.events.onProxies(touched)
    })
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#telling)
    for (const timer of this.#idle.values()) clearTimeout(timer)
  }

  #forget(name: string): void {
    this.#idle.delete(name)
    this.#fleets.delete(name)
    if (this.#wanted.delete(name)) this.#options.events.onFleet(name, false)
  }
}
