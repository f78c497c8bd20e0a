import { describe, expect, it } from '@jest/globals'
import { createGraph } from './graph.ts'

describe('a union', () => {
  it('holds what its sources hold; the first named wins, and the next takes over', () => {
    const graph = createGraph({ freeze: true })
    const first = graph.input<string>('first')
    const second = graph.input<string>('second')
    const all = graph.union('all', [first, second])
    const lengths = graph.derive('lengths', all, (text) => text.length)
    graph.transaction((set) => {
      set.set(first, 'a', 'one')
      set.set(second, 'a', 'three')
      set.set(second, 'b', 'seven')
    })
    expect(graph.values(lengths)).toEqual(new Map(Object.entries({ a: 3, b: 5 })))
    const round = graph.transaction((set) => set.delete(first, 'a'))
    expect(round.deltas(all)).toEqual([{ key: 'a', old: 'one', new: 'three' }])
    expect(round.work).toEqual([{ collection: 'lengths', key: 'a' }])
    graph.transaction((set) => {
      set.delete(second, 'a')
      set.delete(second, 'b')
    })
    expect(graph.size()).toEqual({ records: 0, computed: 0, dependencies: 0, held: 0 })
  })
})
