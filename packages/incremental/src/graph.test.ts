import { describe, expect, it } from '@jest/globals'
import { createGraph } from './graph.ts'
import type { Setter } from './input.ts'

const done = { records: 0, computed: 0, dependencies: 0, held: 0 }

describe('a graph', () => {
  it('computes from the inputs up, groups by the keys of an index, and ends empty', () => {
    const graph = createGraph({ freeze: true, twice: true })
    const routes = graph.input<{ host: string; backends: readonly string[] }>('routes')
    const services = graph.input<{ port: number }>('services')
    const rules = graph.spread('rules', routes, ({ host, backends }, key) =>
      backends.map((backend, i) => [`${key}/${i}`, { backend, host }] as const),
    )
    const byHost = graph.index('byHost', rules, ({ host }) => [host])
    const tables = graph.derive('tables', byHost.keys, (_, host, read) =>
      read.lookup(byHost, host).map(({ key, value }) => `${key} ${read.get(services, value.backend)?.port ?? 'none'}`),
    )
    graph.transaction((set) => {
      set.set(services, 'x', { port: 80 })
      set.set(routes, 'r2', { host: 'a', backends: ['x'] })
      set.set(routes, 'r1', { host: 'a', backends: ['x', 'y'] })
    })
    expect(graph.values(tables)).toEqual(new Map([['a', ['r1/0 80', 'r1/1 none', 'r2/0 80']]]))
    graph.transaction((set) => {
      set.delete(services, 'x')
      set.delete(routes, 'r1')
      set.delete(routes, 'r2')
    })
    expect(graph.size()).toEqual(done)
  })

  it('gives a key that two sources yield to the smaller one, and to the next when that goes', () => {
    const graph = createGraph({ freeze: true })
    const teams = graph.input<readonly string[]>('teams')
    const leads = graph.spread('leads', teams, (people, team) => people.map((person) => [person, team]))
    const set = (...[team, people]: [string, readonly string[]]) => graph.transaction((s) => s.set(teams, team, people))
    set('b', ['ann'])
    expect(set('c', ['ann', 'bob']).deltas(leads)).toEqual([{ key: 'bob', new: 'c' }])
    expect(set('a', ['ann']).deltas(leads)).toEqual([{ key: 'ann', old: 'b', new: 'a' }])
    expect(graph.explain(leads, 'ann').from).toEqual(['a', 'b', 'c'])
    const round = graph.transaction((s) => {
      s.delete(teams, 'a')
      s.delete(teams, 'b')
    })
    expect(round.deltas(leads)).toEqual([{ key: 'ann', old: 'a', new: 'c' }])
  })

  it('says why a key has its value', () => {
    const graph = createGraph()
    const names = graph.input<string>('names')
    const initials = graph.index('initials', names, (name) => [name.slice(0, 1)])
    const peers = graph.derive('peers', names, (name, _, read) => read.lookup(initials, name.slice(0, 1)).length)
    const all = graph.derive('all', initials.keys, (_, key, read) => [
      read.list(peers).length,
      read.get(names, key)?.length,
    ])
    graph.transaction((set) => {
      set.set(names, '1', 'ann')
      set.set(names, '2', 'abe')
    })
    expect(graph.explain(peers, '1')).toEqual({
      collection: 'peers',
      key: '1',
      state: 'present',
      value: 2,
      from: ['1'],
      reads: [{ kind: 'lookup', of: 'initials', key: 'a' }],
      readBy: [{ collection: 'all', key: 'a' }],
      runs: 1,
    })
    expect(graph.explain(initials.keys, 'a').from).toEqual(['1', '2'])
    expect(graph.explain(all, 'b')).toMatchObject({ state: 'absent', from: [], runs: 0 })
    expect(graph.collections.map(({ name }) => name)).toEqual(['names', 'initials.keys', 'peers', 'all'])
  })
})

describe('a transaction', () => {
  it('that throws has not happened', () => {
    const graph = createGraph()
    const numbers = graph.input<number>('numbers')
    const fail = (set: Setter): void => {
      set.set(numbers, 'a', 1)
      throw new Error('half way')
    }
    expect(() => graph.transaction(fail)).toThrow('half way')
    expect(graph.size()).toEqual(done)
    expect(graph.transaction((set) => set.set(numbers, 'a', 1)).deltas(numbers)).toEqual([{ key: 'a', new: 1 }])
  })

  it('leaves its round as it is, whatever comes after it', () => {
    const graph = createGraph()
    const numbers = graph.input<number>('numbers')
    const listed = graph.derive('listed', numbers, (_, key, read) => (key === 'a' ? read.list(numbers) : undefined))
    const round = graph.transaction((set) => set.set(numbers, 'a', 1))
    const before = JSON.stringify([round.deltas(listed), round.work])
    graph.transaction((set) => set.set(numbers, 'b', 2))
    expect(JSON.stringify([round.deltas(listed), round.work])).toBe(before)
  })
})

describe('what the graph refuses', () => {
  const build = () => {
    const graph = createGraph({ freeze: true, twice: true })
    const input = graph.input<{ n: number }>('input')
    return { graph, input, fill: () => graph.transaction((set) => set.set(input, 'a', { n: 1 })) }
  }
  const heldBy = (derive: (built: ReturnType<typeof build>) => unknown): string => {
    const built = build()
    derive(built)
    built.fill()
    return [...built.graph.held().values()].map(({ message }) => message).join()
  }

  it('a name that is taken, a declaration after the first transaction, a collection of another graph', () => {
    const { graph, input, fill } = build()
    expect(() => graph.input('input')).toThrow('input is declared twice')
    expect(() => createGraph().index('byN', input, () => [])).toThrow('input is not of this graph')
    fill()
    expect(() => graph.input('late')).toThrow('late is declared after the first transaction')
  })

  it('a read of what is not declared before the reader', () => {
    const message = heldBy(({ graph, input }) => {
      const early = graph.derive('early', input, (_, key, read): unknown => read.get(late, key))
      const late = graph.derive('late', early, () => 1)
    })
    expect(message).toBe('early reads late, which is not declared before it')
  })

  it('reads around the read context, and transactions within one', () => {
    expect(heldBy(({ graph, input }) => graph.derive('d', input, () => graph.values(input).size))).toMatch(
      /read around/,
    )
    expect(heldBy(({ graph, input, fill }) => graph.derive('d', input, () => fill().reads))).toMatch(
      /graph is computing/,
    )
    const { graph, fill } = build()
    expect(() => graph.transaction(fill)).toThrow('a transaction while the graph is gathering')
  })

  it('in tests: a change of a record, a function that is not pure, and what is no plain data (law 7)', () => {
    let calls = 0
    expect(heldBy(({ graph, input }) => graph.derive('d', input, (value) => (value.n += 1)))).toMatch(/read only/)
    expect(heldBy(({ graph, input }) => graph.derive('d', input, () => (calls += 1)))).toMatch(/not pure/)
    expect(heldBy(({ graph, input }) => graph.derive('d', input, async () => 1))).toMatch(/a record holds a Promise/)
  })
})
