// What the proxies of one fleet share: its resources, and the responses that several of them get.
import type { ProxyStream } from './proxy-stream.ts'
import {
  type Batch,
  encodeResponse,
  type OwnBody,
  ownBatch,
  type StoredResource,
  storeResource,
} from './stored-resource.ts'

export interface ResourceChange {
  typeUrl: string
  name: string
  /** Absent: removed. The version is equal wherever and whenever the bytes are. */
  resource?: { version: string; body: Uint8Array }
}

/** A resource that was `old` and is now another, or gone. */
export interface Replaced {
  typeUrl: string
  name: string
  old: StoredResource | undefined
}

interface Message {
  batch: Batch
  commit: number
  /** Source of the nonce; grows over the whole server. */
  serial: number
  bytes: Buffer
}

let lastSerial = 0

const none: ReadonlyMap<string, StoredResource> = new Map()

export interface FleetOptions {
  /** How the server names itself. */
  identifier: string
  /** Whether removed resources of this type are kept for a while: those that others of a round under way wait for. */
  keeps(typeUrl: string): boolean
  keepMs: number
}

export class Fleet {
  readonly name: string
  readonly streams = new Set<ProxyStream>()
  /** Zero until the first update; nothing is served before it. */
  commit = 0
  served = false
  /** Counts updates that changed something. */
  revision = 0
  readonly #options: FleetOptions
  readonly #resources = new Map<string, Map<string, StoredResource>>()
  readonly #departed = new Map<string, Map<string, StoredResource>>()
  /** When which departed ones are forgotten, oldest first. */
  readonly #departures: { atMs: number; typeUrl: string; name: string; resource: StoredResource }[] = []
  readonly #messages = new Map<string, Message>()

  constructor(name: string, options: FleetOptions) {
    this.name = name
    this.#options = options
  }

  /** To be asked for anew each time: a type has no map before its first resource, since any proxy may name any type. */
  resources(typeUrl: string): ReadonlyMap<string, StoredResource> {
    return this.#resources.get(typeUrl) ?? none
  }

  /** Resources that were removed a short time ago. To be asked for anew each time. */
  departed(typeUrl: string): ReadonlyMap<string, StoredResource> {
    return this.#departed.get(typeUrl) ?? none
  }

  /** Applies all changes, then lets each stream send what became due: in this tick. */
  update(commit: number, changes: readonly ResourceChange[]): void {
    const before = this.commit
    this.#forgetDeparted()
    const replaced = changes.flatMap((change) => this.#replace(change))
    this.commit = commit
    if (replaced.length > 0) this.revision += 1
    if (this.served) {
      for (const stream of this.streams) stream.update(replaced, before)
    } else {
      this.served = true
      for (const stream of this.streams) stream.begin()
    }
  }

  /**
   * The response for this batch, shared by all streams that are owed the same; never one that a stream has had. One with
   * bodies of its own is a stream's alone.
   */
  message(typeUrl: string, batch: Batch, newerThan: number, ownBody?: OwnBody): { serial: number; bytes: Buffer } {
    if (ownBody) return this.#encode(typeUrl, ownBatch(typeUrl, batch, ownBody))
    const last = this.#messages.get(typeUrl)
    if (last && last.serial > newerThan && last.commit === this.commit && isSame(last.batch, batch)) return last
    const message = { batch, commit: this.commit, ...this.#encode(typeUrl, batch) }
    // A type that a proxy made up is not to stay.
    if (this.#resources.has(typeUrl)) this.#messages.set(typeUrl, message)
    return message
  }

  #encode(typeUrl: string, batch: Batch): Pick<Message, 'serial' | 'bytes'> {
    lastSerial += 1
    const head = {
      typeUrl,
      nonce: String(lastSerial),
      systemVersion: String(this.commit),
      identifier: this.#options.identifier,
    }
    return { serial: lastSerial, bytes: encodeResponse(head, batch) }
  }

  #replace({ typeUrl, name, resource }: ResourceChange): Replaced[] {
    const old = this.resources(typeUrl).get(name)
    if (old?.version === resource?.version) return []
    if (resource) within(this.#resources, typeUrl).set(name, storeResource(typeUrl, name, resource))
    else this.#resources.get(typeUrl)?.delete(name)
    if (this.#options.keeps(typeUrl)) this.#keep(typeUrl, name, resource ? undefined : old)
    return [{ typeUrl, name, old }]
  }

  #keep(typeUrl: string, name: string, resource: StoredResource | undefined): void {
    if (resource) {
      within(this.#departed, typeUrl).set(name, resource)
      this.#departures.push({ atMs: performance.now(), typeUrl, name, resource })
    } else this.#departed.get(typeUrl)?.delete(name)
  }

  #forgetDeparted(): void {
    const keptMs = performance.now() - this.#options.keepMs
    const kept = this.#departures.findIndex(({ atMs }) => atMs > keptMs)
    for (const { typeUrl, name, resource } of this.#departures.splice(0, kept < 0 ? Infinity : kept)) {
      if (this.departed(typeUrl).get(name) === resource) this.#departed.get(typeUrl)?.delete(name)
    }
  }
}

function within<V>(types: Map<string, Map<string, V>>, typeUrl: string): Map<string, V> {
  const names = types.get(typeUrl) ?? new Map<string, V>()
  types.set(typeUrl, names)
  return names
}

function isSame(one: Batch, other: Batch): boolean {
  if (one.size !== other.size) return false
  for (const [name, resource] of one) if (!other.has(name) || other.get(name) !== resource) return false
  return true
}
