import { describe, expect, it } from '@jest/globals'
import { createGraph } from './graph.ts'

// Routes name backends; a backend counts the routes that use it; a table per host lists its routes.
function createShop() {
  const graph = createGraph({ freeze: true, twice: true })
  const routes = graph.input<{ host: string; backends: readonly string[] }>('routes')
  const services = graph.input<{ port: number }>('services')
  const rules = graph.spread('rules', routes, (route, key) =>
    route.backends.map((backend, i) => [`${key}/${i}`, { backend, host: route.host }] as const),
  )
  const byBackend = graph.index('byBackend', rules, (rule) => [rule.backend])
  const byHost = graph.index('byHost', rules, (rule) => [rule.host])
  const clusters = graph.derive('clusters', services, (service, key, read) => ({
    port: service.port,
    used: read.count(byBackend, key),
  }))
  const tables = graph.derive('tables', byHost.keys, (_, host, read) =>
    read
      .lookup(byHost, host)
      .map(({ key, value }) => `${key}->${value.backend}:${read.get(clusters, value.backend)?.port}`),
  )
  return { graph, routes, services, rules, byBackend, byHost, clusters, tables }
}

describe('a graph', () => {
  it('computes from the inputs up, and again only what read a change', () => {
    const { graph, routes, services, tables, clusters } = createShop()
    graph.transaction((set) => {
      set.set(services, 'x', { port: 80 })
      set.set(services, 'y', { port: 81 })
      set.set(routes, 'r1', { host: 'a.com', backends: ['x', 'y'] })
      set.set(routes, 'r2', { host: 'b.com', backends: ['y'] })
    })
    expect(graph.values(tables)).toEqual(
      new Map([
        ['a.com', ['r1/0->x:80', 'r1/1->y:81']],
        ['b.com', ['r2/0->y:81']],
      ]),
    )
    expect(graph.held()).toEqual(new Map())
    const round = graph.transaction((set) => set.set(services, 'x', { port: 8080 }))
    expect(round.work).toEqual([
      { collection: 'clusters', key: 'x' },
      { collection: 'tables', key: 'a.com' },
    ])
    expect(round.deltas(clusters)).toEqual([{ key: 'x', old: { port: 80, used: 1 }, new: { port: 8080, used: 1 } }])
    graph.transaction((set) => {
      for (const key of ['x', 'y']) set.delete(services, key)
      for (const key of ['r1', 'r2']) set.delete(routes, key)
    })
    expect(graph.size()).toEqual({ records: 0, computed: 0, dependencies: 0, held: 0 })
  })
})
