// What a graph that starts with a bug does not know, and that it does not pass it off as nothing.
import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Collection } from './collection.ts'
import { createGraph, type Graph } from './graph.ts'
import type { Index } from './index-by.ts'
import type { Input } from './input.ts'

describe('a graph that starts with a bug', () => {
  let broken: boolean
  let graph: Graph
  let words: Input<string>
  let asked: Input<string>
  let good: Collection<string>
  let letters: Collection<string>
  let byLength: Index<string>
  let answers: Collection<string>
  let counts: Collection<number>
  const state = (collection: Collection<unknown>, key: string) => graph.explain(collection, key).state
  const start = () =>
    graph.transaction((set) => {
      set.set(words, 'one', 'ann')
      set.set(words, 'two', 'bo')
      set.set(asked, 'one', '')
      set.set(asked, 'two', '')
      set.set(asked, 'none', '')
    })

  beforeEach(() => {
    broken = true
    graph = createGraph({ fail: (name, key) => broken && name === 'good' && key === 'one' })
    words = graph.input<string>('words')
    asked = graph.input<string>('asked')
    good = graph.derive('good', words, (word) => (word === 'nothing' ? undefined : word))
    const marks = { ofOrigin: (origin: string) => origin, ofKey: (letter: string) => letter.split('/')[0] }
    const spell = (word: string, key: string) => word.split('').map((letter) => [`${key}/${letter}`, letter] as const)
    letters = graph.spread('letters', good, spell, marks)
    byLength = graph.index('byLength', good, (word) => [String(word.length)])
    answers = graph.derive('answers', asked, (_, key, read) => read.get(good, key) ?? 'there is none')
    counts = graph.derive('counts', asked, (_, key, read) => (key === 'two' ? read.count(byLength, '2') : -1))
    start()
  })

  it('holds who reads the gap, and nobody else', () => {
    expect(Object.fromEntries(graph.values(answers))).toEqual({ two: 'bo', none: 'there is none' })
    expect([...graph.held(answers)].map(([key, { message }]) => `${key}: ${message}`)).toEqual([
      'one: good at one is not known: what it is made from is held',
    ])
  })

  it('is in doubt of what may be made from it, as far as that can be told', () => {
    expect(['one/a', 'one/x', 'two/b', 'three/c'].map((key) => graph.inDoubt(letters, key))).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(state(letters, 'one/a')).toBe('in doubt')
    expect(state(good, 'one')).toBe('held')
    expect([graph.inDoubt(byLength.keys, '3'), graph.inDoubt(byLength.keys, '2')]).toEqual([true, false])
    // A bucket that is there may lack a member.
    expect([...graph.held(counts).keys()]).toEqual(['two'])
  })

  it.each([
    ['a value', 'abe', 'abe'],
    ['none', 'nothing', 'there is none'],
  ])('heals when the gap closes with %s', (_, word, answer) => {
    broken = false
    const round = graph.transaction((set) => set.set(words, 'one', word))
    expect(graph.values(answers).get('one')).toBe(answer)
    expect(round.work.map(({ collection, key }) => `${collection} ${key}`)).toEqual(
      expect.arrayContaining(['good one', 'answers one', 'counts two']),
    )
    expect(graph.held()).toEqual(new Map())
    expect(graph.inDoubt(letters, 'one/x')).toBe(false)
  })

  it('heals when what threw goes', () => {
    graph.transaction((set) => set.delete(words, 'one'))
    expect(graph.values(answers).get('one')).toBe('there is none')
    expect(graph.inDoubt(letters, 'one/a')).toBe(false)
    expect(graph.held()).toEqual(new Map())
  })
})

it('what throws later is no gap: before, it was not there', () => {
  const graph = createGraph({ fail: (name, key) => name === 'good' && key === 'late' })
  const words = graph.input<string>('words')
  const good = graph.derive('good', words, (word) => word)
  const seen = graph.derive('seen', words, (_, key, read) => read.get(good, 'late') ?? key)
  graph.transaction((set) => set.set(words, 'early', 'a'))
  graph.transaction((set) => set.set(words, 'late', 'b'))
  expect([...graph.values(seen).keys()]).toEqual(['early', 'late'])
  expect(graph.inDoubt(good, 'late')).toBe(false)
  expect([...graph.held().keys()]).toEqual(['good late'])
})

it('a bug in every key costs no more than one in each', () => {
  let asked = 0
  const mark = (key: string): string => {
    asked += 1
    return key
  }
  const graph = createGraph({ fail: (name) => name === 'made' })
  const input = graph.input<number>('input')
  const made = graph.spread('made', input, (n, key) => [[key, n]], { ofOrigin: mark, ofKey: mark })
  graph.derive('readers', input, (_, key, read) => read.get(made, key))
  graph.transaction((set) => {
    for (let at = 0; at < 1_000; at += 1) set.set(input, String(at), at)
  })
  expect(graph.held().size).toBe(2_000)
  expect(asked).toBe(2_000)
})
