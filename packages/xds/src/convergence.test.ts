import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { DeltaClient, DeltaResponse } from './index.ts'
import { cluster, endpoints, gone, heldBy, type Rig, route, scope, set, startRig } from './rig.ts'

/** A consistent configuration: scopes name tables, tables name clusters, each cluster has endpoints. */
interface World {
  clusters: Record<string, number>
  endpoints: Record<string, number>
  routes: Record<string, string[]>
  scopes: Record<string, string>
}

const names = ['a', 'b', 'c', 'd']
const name = fc.constantFrom(...names)

const world: fc.Arbitrary<World> = fc
  .record({
    clusters: fc.dictionary(name, fc.nat(2), { noNullPrototype: true }),
    load: fc.dictionary(name, fc.nat(3), { noNullPrototype: true }),
    routes: fc.dictionary(name, fc.subarray(names), { noNullPrototype: true }),
    scopes: fc.dictionary(name, name, { noNullPrototype: true }),
  })
  .map(({ clusters, load, routes, scopes }) => {
    const known = (each: string): boolean => each in clusters
    const tables = Object.fromEntries(Object.entries(routes).map(([table, to]) => [table, to.filter(known)]))
    const named = Object.entries(scopes).filter(([, table]) => table in tables)
    const served = Object.keys(clusters).map((each) => [each, load[each] ?? 0])
    return { clusters, endpoints: Object.fromEntries(served), routes: tables, scopes: Object.fromEntries(named) }
  })

type Step = { commit: World } | 'answer' | 'reconnect' | 'turn'

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: world.map((commit): Step => ({ commit })) },
    { weight: 5, arbitrary: fc.constant<Step>('answer') },
    { weight: 3, arbitrary: fc.constant<Step>('turn') },
    { weight: 1, arbitrary: fc.constant<Step>('reconnect') },
  ),
  { maxLength: 30 },
)

const typeOf = { clusters: cluster, endpoints, routes: route, scopes: scope } as const
const kinds = Object.keys(typeOf) as (keyof typeof typeOf)[]

const bodies = (all: World, kind: keyof World): Map<string, string> =>
  new Map(Object.entries(all[kind]).map(([each, content]) => [each, String(content)]))

/** Commits the difference between two worlds. */
function change(rig: Rig, from: World, to: World): void {
  const changes = kinds.flatMap((kind) => {
    const [before, after] = [bodies(from, kind), bodies(to, kind)]
    return [
      ...[...before.keys()].filter((each) => !after.has(each)).map((each) => gone(typeOf[kind], each)),
      ...[...after]
        .filter(([each, body]) => before.get(each) !== body)
        .map(([each, body]) => set(typeOf[kind], each, body)),
    ]
  })
  rig.commit(...changes)
}

/** A proxy that asks for endpoints as Envoy does, and notes every moment in which something names what is not there. */
class Proxy {
  readonly broken: string[] = []
  readonly #usable = new Set<string>()
  client!: DeltaClient

  start(client: DeltaClient): void {
    this.client = client
    client.subscribe(cluster)
    client.subscribe(endpoints, 'none')
    for (const typeUrl of [route, scope]) client.subscribe(typeUrl)
  }

  receive({ typeUrl, resources, removed }: DeltaResponse): void {
    this.check()
    const arrived = resources.map((resource) => resource.name)
    if (typeUrl === cluster) {
      const fresh = arrived.filter((each) => !this.client.held(cluster).has(each))
      if (fresh.length > 0) this.client.subscribe(endpoints, ...fresh)
      if (removed.length > 0) this.client.unsubscribe(endpoints, ...removed)
      for (const each of removed) this.#usable.delete(each)
    }
    if (typeUrl === endpoints) for (const each of arrived) this.#usable.add(each)
  }

  check(): void {
    for (const table of heldBy(this.client, route)) {
      for (const each of (table.split('=')[1] ?? '').split(',').filter(Boolean)) {
        if (!this.#usable.has(each)) this.broken.push(`route ${table} names ${each}`)
      }
    }
    for (const each of heldBy(this.client, scope)) {
      if (!this.client.held(route).has(each.split('=')[1] ?? '')) this.broken.push(`scope ${each}`)
    }
  }
}

const isThere = (client: DeltaClient, all: World): boolean =>
  kinds.every(
    (kind) =>
      heldBy(client, typeOf[kind]).join() ===
      [...bodies(all, kind)]
        .map((entry) => entry.join('='))
        .sort()
        .join(),
  )

const empty: World = { clusters: {}, endpoints: {}, routes: {}, scopes: {} }

/** Runs the steps, then answers everything until the client holds what the fleet is. */
async function run(history: readonly Step[], patience: boolean, proxy: Proxy): Promise<void> {
  await using rig = await startRig({ removalDelayMs: 15 })
  let patient = patience
  const judge = (response: DeltaResponse): string | undefined => {
    proxy.receive(response)
    return patient ? 'wait' : undefined
  }
  const client = rig.client('p', { judge })
  let now = empty
  rig.commit()
  proxy.start(client)
  for (const step of history) {
    if (step === 'answer') client.answer()
    else if (step === 'turn') await turn()
    else if (step === 'reconnect') {
      client.disconnect()
      client.connect()
    } else {
      change(rig, now, step.commit)
      now = step.commit
    }
    if (step !== 'turn') await turn()
    proxy.check()
  }
  patient = false
  client.answer()
  const end = now
  await client.until(() => isThere(client, end))
  const last = rig.commit()
  await client.until(() => rig.server.proxies('f').at(-1)?.acknowledgedCommit === last)
}

describe('after any history', () => {
  it.each([false, true])(
    'the client holds the fleet’s resources, and nothing ever named what was not there (slow: %s)',
    async (patience) => {
      await fc.assert(
        fc.asyncProperty(steps, async (history) => {
          const proxy = new Proxy()
          await run(history, patience, proxy)
          expect(proxy.broken).toEqual([])
        }),
        { numRuns: 60 },
      )
    },
    60_000,
  )
})
