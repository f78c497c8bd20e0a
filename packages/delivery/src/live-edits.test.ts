import { beforeEach, describe, expect, it } from '@jest/globals'
import { type Source, sourceKey } from '@penstock/ir'
import { silentLogger } from '@penstock/telemetry'
import type { ProxyState } from '@penstock/xds'
import { createLiveEdits, type Edit, type LiveEdits } from './live-edits.ts'

const fleet = 'local'
const source = (kind: string, name: string): Source => ({
  ...{ group: '', kind, namespace: 'default', name, uid: `${kind}-${name}`, generation: 1 },
})
const gateway = source('Gateway', 'demo')
const web = source('HTTPRoute', 'web')
const other = source('HTTPRoute', 'other')
const [listener, table, cluster] = ['listener', 'table', 'cluster'] as const

type Change = Edit['changes'][number]
const change = (typeUrl: string, name: string, ...sources: Change['sources']): Change => ({ typeUrl, name, sources })

function proxy(acknowledgedCommit: number, ...refused: (readonly [typeUrl: string, name: string])[]): ProxyState {
  const rejections = refused.map(([typeUrl, name]) => ({ typeUrl, resources: [name], message: 'no', commit: 1 }))
  return { proxy: 'p', connectedSinceMs: 1, acknowledgedCommit, acknowledgedAtMs: 5, rejections }
}

let said: string[]
let edits: LiveEdits
beforeEach(() => {
  said = []
  const info = (event: string, fields: Record<string, unknown> = {}): void =>
    void said.push(`${event} ${fields['name']} ${fields['commit']}`)
  edits = createLiveEdits({ ...silentLogger, info }, ({ typeUrl, name }) =>
    typeUrl === table ? { typeUrl: listener, name: name.slice(0, name.indexOf('/')) } : undefined,
  )
})

function add(commit: number, changes: readonly Change[], gone: readonly string[] = []): void {
  edits.add({ fleet, commit, changedMs: 1, changes, gone: new Set(gone) })
}
const check = (...proxies: ProxyState[]): void => edits.check(fleet, proxies)

/** The Gateway moves from port 80 to a port that is taken. */
const move = [
  change(listener, '22', gateway),
  change(table, '22/*', web, gateway),
  change(listener, '80', gateway),
  change(table, '80/*', web, gateway),
]

describe('what a proxy refuses', () => {
  it('is not told live, nor what hangs on a refused listener; the rest of the commit is', () => {
    add(1, [...move, change(table, '443/*', other)])
    check(proxy(1, [listener, '22']))
    expect(said).toEqual(['live other 1'])
    check(proxy(1, [listener, '22']))
    expect(said).toHaveLength(1)
  })

  it('holds back a later edit of what hangs on the listener', () => {
    add(1, move)
    check(proxy(1, [listener, '22']))
    add(2, [change(table, '22/*', web)])
    check(proxy(2, [listener, '22']))
    expect(said).toEqual([])
  })

  it('is told once when a later commit has healed it and is answered', () => {
    add(1, move)
    check(proxy(1, [listener, '22']))
    add(2, [change(listener, '22', gateway)])
    check(proxy(1))
    expect(said).toEqual([])
    check(proxy(2))
    expect(said).toEqual(['live web 2', 'live demo 2'])
    check(proxy(2))
    expect(said).toHaveLength(2)
  })

  it('counts whichever proxy refuses it', () => {
    add(1, [change(cluster, 'c', web)])
    check(proxy(1), proxy(1, [cluster, 'c']))
    expect(said).toEqual([])
  })
})

it('an object of which nothing is left is told gone', () => {
  add(1, [change(table, '80/*', web, other)], [sourceKey(web)])
  check(proxy(1))
  expect(said).toEqual(['gone web 1', 'live other 1'])
})
