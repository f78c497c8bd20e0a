// What the proxies of one fleet share: its resources, and the responses that several of them get.
import type { ProxyStream } from './proxy-stream.ts'
import { type Batch, encodeResponse, type StoredResource, storeResource } from './stored-resource.ts'

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

export class Fleet {
  readonly name: string
  readonly streams = new Set<ProxyStream>()
  /** Zero until the first update; nothing is served before it. */
  commit = 0
  served = false
  /** Counts updates that changed something. */
  revision = 0
  readonly #identifier: string
  readonly #resources = new Map<string, Map<string, StoredResource>>()
  readonly #messages = new Map<string, Message>()

  constructor(name: string, identifier: string) {
    this.name = name
    this.#identifier = identifier
  }

  /** Live. */
  resources(typeUrl: string): Map<string, StoredResource> {
    let resources = this.#resources.get(typeUrl)
    if (!resources) this.#resources.set(typeUrl, (resources = new Map()))
    return resources
  }

  /** Applies all changes, then lets each stream send what became due: in this tick. */
  update(commit: number, changes: readonly ResourceChange[]): void {
    const before = this.commit
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

  /** The response for this batch, shared by all streams that are owed the same; never one that a stream has had. */
  message(typeUrl: string, batch: Batch, newerThan: number): { serial: number; bytes: Buffer } {
    const last = this.#messages.get(typeUrl)
    if (last && last.serial > newerThan && last.commit === this.commit && isSame(last.batch, batch)) return last
    lastSerial += 1
    const head = {
      typeUrl,
      nonce: String(lastSerial),
      systemVersion: String(this.commit),
      identifier: this.#identifier,
    }
    const message = { batch, commit: this.commit, serial: lastSerial, bytes: encodeResponse(head, batch) }
    this.#messages.set(typeUrl, message)
    return message
  }

  #replace({ typeUrl, name, resource }: ResourceChange): Replaced[] {
    const resources = this.resources(typeUrl)
    const old = resources.get(name)
    if (old?.version === resource?.version) return []
    if (resource) resources.set(name, storeResource(typeUrl, name, resource))
    else resources.delete(name)
    return [{ typeUrl, name, old }]
  }
}

function isSame(one: Batch, other: Batch): boolean {
  if (one.size !== other.size) return false
  for (const [name, resource] of one) if (!other.has(name) || other.get(name) !== resource) return false
  return true
}
