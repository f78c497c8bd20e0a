// Replicas that are given the same commits hold the same names, versions and bytes, whenever each started, in whichever
// order it read what was there, and however often its proxies left and came back.
import { describe, expect, it } from '@jest/globals'
import type { History } from '@penstock/incremental/laws'
import type { FleetChange, IrRecord, Plane, RecordChange } from '@penstock/ir'
import { createAgentgatewayPlane } from '@penstock/plane-agentgateway'
import { createEnvoyPlane } from '@penstock/plane-envoy'
import { type Fact, histories } from '@penstock/translate/histories'
import { applyFacts, createSubject } from '@penstock/translate/subject'
import fc from 'fast-check'

const fleet = 'local'
const openKey = ({ box }: { readonly box: Uint8Array }): string => Buffer.from(box).toString()
const planes: Readonly<Record<string, () => Plane>> = {
  envoy: () => createEnvoyPlane({ openKey }),
  agentgateway: () => createAgentgatewayPlane({ openKey }),
}

/** What befalls a replica between two commits. */
const fates = ['nothing', 'nothing', 'restart', 'restart, read backwards', 'proxies gone and back'] as const
type Fate = (typeof fates)[number]

class Replica {
  readonly #create: () => Plane
  #plane: Plane
  readonly #held = new Map<string, string>()

  constructor(create: () => Plane) {
    this.#create = create
    this.#plane = create()
    this.#connect()
  }

  apply(changes: readonly RecordChange[]): void {
    this.#take(this.#plane.apply(changes))
  }

  suffer(fate: Fate, records: ReadonlyMap<string, IrRecord>): void {
    if (fate === 'nothing') return
    this.#held.clear()
    if (fate === 'proxies gone and back') this.#plane.disconnect(fleet)
    else {
      this.#plane = this.#create()
      const all = [...records].map(([key, record]) => ({ key, record }))
      this.#plane.apply(fate === 'restart' ? all : all.reverse())
    }
    this.#connect()
  }

  /** "<type> <name>": "<version> <bytes>". */
  get held(): Record<string, string> {
    return Object.fromEntries([...this.#held].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  #connect(): void {
    this.#take(this.#plane.connect(fleet))
  }

  #take(changes: readonly FleetChange[]): void {
    for (const { typeUrl, name, resource } of changes) {
      const key = `${typeUrl} ${name}`
      if (resource) this.#held.set(key, `${resource.version} ${Buffer.from(resource.body).toString('base64')}`)
      else this.#held.delete(key)
    }
  }
}

/** Throws when replicas differ after a commit. */
function run(create: () => Plane, history: History<Fact>, fate: (replica: number) => Fate): void {
  const { translation } = createSubject({ fleet, graph: { freeze: false, twice: false } })
  const records = new Map<string, IrRecord>()
  const replicas = [new Replica(create), new Replica(create), new Replica(create)]
  for (const facts of history) {
    const changes = applyFacts(translation, facts)
      .deltas<IrRecord>(translation.ir)
      .map(({ key, new: record }) => ({ key, record }))
    for (const { key, record } of changes) {
      if (record) records.set(key, record)
      else records.delete(key)
    }
    for (const [index, replica] of replicas.entries()) {
      replica.apply(changes)
      replica.suffer(fate(index), records)
    }
    const [first, ...others] = replicas.map(({ held }) => held)
    for (const held of others) expect(held).toEqual(first)
  }
}

describe('replicas', () => {
  it.each(Object.keys(planes))(
    'of %s hold equal bytes after every commit',
    (name) => {
      const create = planes[name] as () => Plane
      const sizes = new Set<number>()
      const property = fc.property(histories, fc.infiniteStream(fc.constantFrom(...fates)), (history, stream) => {
        sizes.add(history.length)
        // The first never restarts: the others are held against one that saw every commit.
        run(create, history, (replica) => (replica === 0 ? 'nothing' : (stream.next().value as Fate)))
      })
      fc.assert(property, { numRuns: 25 })
      expect(sizes.size).toBeGreaterThan(1)
    },
    60_000,
  )
})
