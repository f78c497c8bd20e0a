import { describe, expect, it } from '@jest/globals'
import type { Resource } from '@penstock/gateway-api'
import { withGeneration } from './generation.ts'
import { createResourceState } from './resource-state.ts'

const creationTimestamp = '1970-01-01T00:00:00Z'
function object(kind: string, name: string, content: object = {}, generation = 1): [string, Resource] {
  const apiVersion = kind === 'Gateway' ? 'gateway.networking.k8s.io/v1' : 'v1'
  const metadata = { name, namespace: 'default', uid: name, generation, creationTimestamp }
  const key = `${kind === 'Gateway' ? 'gateway.networking.k8s.io' : ''}/${kind}/default/${name}`
  return [key, { apiVersion, kind, metadata, ...content }]
}
const service = (port: number, generation = 1) => object('Service', 'web', { spec: { port } }, generation)
const gateway = (secret: string, generation = 1) =>
  object('Gateway', 'gw', { spec: { listeners: [{ tls: { certificateRefs: [{ name: secret }] } }] } }, generation)
const secretKey = '/Secret/default/cert'

function create(held: readonly string[] = []) {
  const state = createResourceState({
    held: new Set(held),
    versioned: withGeneration,
    seal: (secret) => ({ ...secret, data: { sealed: 'yes' } }),
  })
  return {
    state,
    set: ([key, value]: [string, Resource], atMs = 5) => [...state.set(key, value, atMs)].sort(),
    generations: () =>
      Object.fromEntries([...state.keys()].map((key) => [key, state.get(key)?.value.metadata.generation])),
  }
}

describe('generation', () => {
  it('counts changes of the content, not of labels', () => {
    const { state, set, generations } = create()
    set(service(80))
    set(service(81))
    set(service(81))
    const [key, value] = service(81)
    set([key, { ...value, metadata: { ...value.metadata, labels: { a: 'b' } } }])
    expect(generations()).toEqual({ '/Service/default/web': 2 })
    expect(state.get(key)?.value.metadata.labels).toEqual({ a: 'b' })
  })

  it.each([
    ['the same content', 80, 7],
    ['another', 81, 8],
  ])('goes on from what an older life published of %s', (_, port, generation) => {
    for (const first of ['resume', 'set']) {
      const { state, set, generations } = create()
      if (first === 'set') set(service(port))
      state.resume(new Map([service(80, 7)]), 9)
      if (first === 'resume') set(service(port))
      expect(generations()).toEqual({ '/Service/default/web': generation })
      expect(state.held.size).toBe(0)
    }
  })
})

describe('a Secret', () => {
  it('is published, sealed, while something names it', () => {
    const { state, set } = create()
    expect(set(object('Secret', 'cert'))).toEqual([secretKey])
    expect(state.get(secretKey)).toBeUndefined()
    expect(set(gateway('cert'), 6)).toEqual([secretKey, gateway('')[0]])
    expect(state.get(secretKey)).toMatchObject({ value: { data: { sealed: 'yes' } }, headers: { 'changed-at': '6' } })
    expect(set(gateway('other'), 7)).toContain(secretKey)
    expect(state.get(secretKey)).toBeUndefined()
  })

  it('stays while an object of an older life, whose document is broken now, names it', () => {
    const [gatewayKey] = gateway('cert')
    const { state, set } = create([gatewayKey])
    state.resume(new Map([gateway('cert', 3)]), 9)
    state.set(gatewayKey, undefined, 9)
    set(object('Secret', 'cert'))
    state.forget(9)
    expect([...state.held]).toEqual([gatewayKey])
    expect(state.get(secretKey)).toBeDefined()
  })
})

describe('what an older life left', () => {
  it('is held until the files have told everything, then goes', () => {
    const { state, set } = create()
    const [key] = service(80)
    state.resume(new Map([service(80), object('Service', 'other')]), 9)
    expect([...state.held].sort()).toEqual(['/Service/default/other', key])
    set(service(80))
    expect([...state.held]).toEqual(['/Service/default/other'])
    expect([...state.forget(9)]).toEqual(['/Service/default/other'])
    expect(state.held.size).toBe(0)
    expect(state.get(key)).toBeDefined()
  })
})
