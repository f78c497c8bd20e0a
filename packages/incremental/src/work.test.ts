// Law 5: only keys that read something changed are computed, each at most once. Each case states the exact list that ran.
import { beforeEach, describe, expect, it } from '@jest/globals'
import { createGraph, type Graph } from './graph.ts'
import type { Index } from './index-by.ts'
import type { Input, Setter } from './input.ts'
import type { Round } from './round.ts'

interface Order {
  readonly customer: string
  readonly amount: number
}

describe('what runs', () => {
  let graph: Graph
  let orders: Input<Order>
  let rates: Input<number>
  let byCustomer: Index<Order>

  /** One line for each function that ran: `collection key`. */
  const ran = (round: Round): readonly string[] => round.work.map(({ collection, key }) => `${collection} ${key}`)
  const change = (edit: (set: Setter) => void): Round => graph.transaction(edit)

  beforeEach(() => {
    graph = createGraph({ freeze: true, twice: true })
    orders = graph.input<Order>('orders')
    rates = graph.input<number>('rates')
    byCustomer = graph.index('byCustomer', orders, ({ customer }) => [customer])
    const capped = graph.derive('capped', orders, ({ amount }) => Math.min(amount, 100))
    graph.derive('priced', capped, (amount, _, read) => amount * (read.get(rates, amount < 50 ? 'low' : 'high') ?? 1))
    graph.derive('counts', byCustomer.keys, (_, customer, read) => read.count(byCustomer, customer))
    graph.derive('bills', byCustomer.keys, (_, customer, read) =>
      read.lookup(byCustomer, customer).reduce((sum, { key }) => sum + (read.get(capped, key) ?? 0), 0),
    )
    graph.derive('totals', rates, (rate, _, read) =>
      read.list(capped).reduce((sum, { value }) => sum + value * rate, 0),
    )
    change((set) => {
      set.set(orders, 'o1', { customer: 'ann', amount: 10 })
      set.set(orders, 'o2', { customer: 'ann', amount: 20 })
      set.set(orders, 'o3', { customer: 'bob', amount: 70 })
    })
  })

  it('nothing, when a record is set to what it is', () => {
    const round = change((set) => set.set(orders, 'o1', { customer: 'ann', amount: 10 }))
    expect(ran(round)).toEqual([])
    expect(graph.collections.flatMap((collection) => round.deltas(collection))).toEqual([])
  })

  it('nothing, when an edit is undone within the transaction', () => {
    const round = change((set) => {
      set.set(orders, 'o1', { customer: 'eve', amount: 1 })
      set.delete(orders, 'o1')
      set.set(orders, 'o1', { customer: 'ann', amount: 10 })
    })
    expect(ran(round)).toEqual([])
  })

  it('what depends on one record, by height and then by key; a count that stays lets nothing run', () => {
    const round = change((set) => set.set(orders, 'o1', { customer: 'ann', amount: 11 }))
    expect(ran(round)).toEqual(['byCustomer o1', 'capped o1', 'priced o1', 'bills ann'])
    expect(round.reads).toBe(2)
  })

  it('no further than a result that is equal', () => {
    change((set) => set.set(orders, 'o3', { customer: 'bob', amount: 150 }))
    const round = change((set) => set.set(orders, 'o3', { customer: 'bob', amount: 160 }))
    expect(ran(round)).toEqual(['byCustomer o3', 'capped o3', 'bills bob'])
  })

  it('each key once, however much of what it read has changed', () => {
    const round = change((set) => {
      set.set(orders, 'o2', { customer: 'ann', amount: 21 })
      set.set(orders, 'o1', { customer: 'ann', amount: 11 })
      set.set(rates, 'low', 2)
    })
    expect(ran(round)).toEqual([
      'byCustomer o1',
      'byCustomer o2',
      'capped o1',
      'capped o2',
      'priced o1',
      'priced o2',
      'bills ann',
      'totals low',
    ])
  })

  it('those who looked for a record that was not there, once it comes', () => {
    const round = change((set) => set.set(rates, 'high', 3))
    expect(ran(round)).toEqual(['priced o3', 'totals high'])
  })

  it('not those who read it once and no longer do', () => {
    change((set) => set.set(orders, 'o1', { customer: 'ann', amount: 60 }))
    expect(ran(change((set) => set.set(rates, 'low', 2)))).toEqual(['priced o2', 'totals low'])
    expect(ran(change((set) => set.set(rates, 'high', 2)))).toEqual(['priced o1', 'priced o3', 'totals high'])
  })

  it('both buckets of a record that moves; counts where they change; a bucket that ends runs nothing', () => {
    const round = change((set) => set.set(orders, 'o3', { customer: 'ann', amount: 70 }))
    expect(ran(round)).toEqual(['byCustomer o3', 'capped o3', 'counts ann', 'bills ann'])
    expect(graph.values(byCustomer.keys)).toEqual(new Map([['ann', true]]))
  })

  it('the count, when it shrinks', () => {
    const round = change((set) => set.delete(orders, 'o1'))
    expect(ran(round)).toEqual(['counts ann', 'bills ann'])
  })

  it('not the count, when one comes as another goes', () => {
    const round = change((set) => {
      set.delete(orders, 'o1')
      set.set(orders, 'o9', { customer: 'ann', amount: 10 })
    })
    expect(ran(round)).toEqual(['byCustomer o9', 'capped o9', 'priced o9', 'bills ann'])
  })

  it('those who list a collection, on every change of it', () => {
    change((set) => set.set(rates, 'low', 2))
    const round = change((set) => set.delete(orders, 'o3'))
    expect(ran(round)).toEqual(['totals low'])
    expect(round.reads).toBe(2)
  })
})
