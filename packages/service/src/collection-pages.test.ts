import { describe, expect, it } from '@jest/globals'
import type { DebugRequest } from './admin.ts'
import { addCollectionPages } from './collection-pages.ts'

const routes = {
  name: 'routes',
  values: new Map([
    ['default/b', 1],
    ['default/a', 2],
  ]),
}
const hosts = { name: 'hosts', values: new Map<string, number>() }

/** What is shown at `/debug/collections/<path>`. */
function show(rest: string): unknown {
  let answer: (request: DebugRequest) => unknown = () => undefined
  const admin = { port: 0, debug: (_: string, page: typeof answer) => void (answer = page) }
  addCollectionPages(admin, {
    collections: [routes, hosts],
    values: (collection: typeof routes) => collection.values,
    held: ({ name }) => new Map(name === 'routes' ? [['default/b', new Error('a bug')]] : []),
    explain: ({ name }, key) => ({ name, key }),
  })
  return answer({ rest, query: {} })
}

describe('the pages of collections', () => {
  it('list the collections, the keys of one with what is held, and explain a key', () => {
    expect(show('')).toEqual([
      { name: 'routes', keys: 2, held: 1 },
      { name: 'hosts', keys: 0, held: 0 },
    ])
    expect(show('routes')).toEqual({
      name: 'routes',
      keys: ['default/a', 'default/b'],
      held: new Map([['default/b', new Error('a bug')]]),
    })
    expect(show('routes/default/a')).toEqual({ name: 'routes', key: 'default/a' })
    expect(show('nothing')).toBeUndefined()
  })
})
