import { expect, it } from '@jest/globals'
import { createStore, listOf, put } from './collection.ts'
import { startRound } from './round.ts'

it('an emptied collection keeps no list of what it held (law 6)', () => {
  const store = createStore<number>('numbers', 1)
  put(store, 'a', 1, startRound())
  expect(listOf(store)).toEqual([{ key: 'a', value: 1 }])
  put(store, 'a', undefined, startRound())
  expect(store.sorted).toBeUndefined()
  expect(listOf(store)).toEqual([])
})
