// A function that throws is a bug: its key is held, everything else goes on.
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createGraph } from './graph.ts'

/** `quotients` divides by the divisor that a record names, and throws for 0. */
function createDivision() {
  const graph = createGraph({ freeze: true })
  const numbers = graph.input<{ readonly by: string; readonly value: number }>('numbers')
  const divisors = graph.input<number>('divisors')
  const quotients = graph.derive('quotients', numbers, ({ by, value }, key, read) => {
    const divisor = read.get(divisors, by)
    if (divisor === 0) throw new RangeError(`${key} is divided by 0`)
    return divisor === undefined ? undefined : value / divisor
  })
  const halves = graph.derive('halves', quotients, (value) => value / 2)
  return { graph, numbers, divisors, quotients, halves }
}

describe('a key whose function throws', () => {
  it('keeps its last good output, is named, and its neighbours go on', () => {
    const { graph, numbers, divisors, quotients, halves } = createDivision()
    graph.transaction((set) => {
      set.set(divisors, 'x', 2)
      set.set(divisors, 'y', 2)
      set.set(numbers, 'a', { by: 'x', value: 8 })
      set.set(numbers, 'b', { by: 'y', value: 8 })
    })
    const round = graph.transaction((set) => {
      set.set(divisors, 'x', 0)
      set.set(divisors, 'y', 4)
    })
    expect(round.threw).toEqual([{ collection: 'quotients', key: 'a', error: new RangeError('a is divided by 0') }])
    expect(round.deltas(quotients)).toEqual([{ key: 'b', old: 4, new: 2 }])
    expect(graph.values(halves)).toEqual(new Map(Object.entries({ a: 2, b: 1 })))
    expect([...graph.held(quotients).keys()]).toEqual(['a'])
    expect([...graph.held().keys()]).toEqual(['quotients a'])
    expect(graph.explain(quotients, 'a')).toEqual({
      collection: 'quotients',
      key: 'a',
      state: 'held',
      value: 4,
      error: 'a is divided by 0',
      from: ['a'],
      reads: [{ kind: 'get', of: 'divisors', key: 'x' }],
      readBy: [],
      runs: 2,
    })
  })

  it('has no value if it never had a good output, and runs again when what it read before it threw changes', () => {
    const { graph, numbers, divisors, quotients } = createDivision()
    graph.transaction((set) => {
      set.set(divisors, 'x', 0)
      set.set(numbers, 'a', { by: 'x', value: 8 })
    })
    expect(graph.values(quotients)).toEqual(new Map())
    expect(graph.explain(quotients, 'a').state).toBe('held')
    const round = graph.transaction((set) => set.set(divisors, 'x', 2))
    expect(round.deltas(quotients)).toEqual([{ key: 'a', new: 4 }])
    expect(graph.held()).toEqual(new Map())
  })

  it('goes when its record goes', () => {
    const { graph, numbers, divisors, quotients } = createDivision()
    graph.transaction((set) => {
      set.set(divisors, 'x', 0)
      set.set(numbers, 'a', { by: 'x', value: 8 })
    })
    const round = graph.transaction((set) => set.delete(numbers, 'a'))
    expect(round.deltas(quotients)).toEqual([])
    graph.transaction((set) => set.delete(divisors, 'x'))
    expect(graph.size()).toEqual({ records: 0, computed: 0, dependencies: 0, held: 0 })
  })

  it('in a spread keeps all that it yielded, in an index its places with the new record in them', () => {
    const graph = createGraph({ freeze: true })
    const words = graph.input<string>('words')
    const refuse = (word: string): string[] => {
      if (word.includes('!')) throw new Error('no shouting')
      return word.split('')
    }
    const letters = graph.spread('letters', words, (word, key) => refuse(word).map((letter) => [letter, key]))
    const byLetter = graph.index('byLetter', words, refuse)
    const found = graph.derive('found', byLetter.keys, (_, letter, read) =>
      read.lookup(byLetter, letter).map(({ value }) => value),
    )
    graph.transaction((set) => set.set(words, 'w', 'ab'))
    const round = graph.transaction((set) => set.set(words, 'w', 'cd!'))
    expect(round.threw.map(({ collection }) => collection)).toEqual(['letters', 'byLetter'])
    expect([...graph.values(letters).keys()]).toEqual(['a', 'b'])
    expect(graph.values(found)).toEqual(new Map(Object.entries({ a: ['cd!'], b: ['cd!'] })))
    graph.transaction((set) => set.set(words, 'w', 'c'))
    expect(graph.values(found)).toEqual(new Map([['c', ['c']]]))
    expect(graph.held()).toEqual(new Map())
  })

  it('is held exactly when a graph that is fed the final inputs would hold it (law 1, modulo held keys)', () => {
    const edits = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'x', 'y'), fc.option(fc.nat({ max: 2 }))))
    const play = (list: readonly (readonly [string, number | null])[]) => {
      const { graph, numbers, divisors, quotients } = createDivision()
      for (const [key, value] of list) {
        graph.transaction((set) => {
          if (value === null) set.delete<unknown>(key > 'm' ? divisors : numbers, key)
          else if (key > 'm') set.set(divisors, key, value)
          else set.set(numbers, key, { by: value > 1 ? 'x' : 'y', value })
        })
      }
      const held = graph.held(quotients)
      return {
        held: [...held.keys()].sort(),
        good: [...graph.values(quotients)].filter(([key]) => !held.has(key)).sort(),
      }
    }
    fc.assert(fc.property(edits, (list) => expect(play(list)).toEqual(play([...new Map(list)]))))
  })
})
