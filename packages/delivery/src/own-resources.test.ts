import { describe, expect, it } from '@jest/globals'
import type { ProxyNode, ResourceChange } from '@penstock/xds'
import { createOwnResources } from './own-resources.ts'

const node = (id: string): ProxyNode => ({ id, cluster: '', metadata: {}, userAgent: '' })
const resource = { version: '1', body: new Uint8Array() }
const made = (name: string): ResourceChange => ({ typeUrl: 't', name, resource })
const create = () => createOwnResources(({ id }) => [made(id)])

describe('resources that are made of a proxy', () => {
  it('are there for its fleet while it is connected', () => {
    const own = create()
    expect(own.note('f', node('a'), true)).toEqual([made('a')])
    expect(own.note('f', node('b'), true)).toEqual([made('b')])
    expect(own.of('f')).toEqual([made('a'), made('b')])
    expect(own.of('g')).toEqual([])
    expect(own.note('f', node('a'), false)).toEqual([{ typeUrl: 't', name: 'a' }])
    expect(own.of('f')).toEqual([made('b')])
    own.note('f', node('b'), false)
    expect(own.of('f')).toEqual([])
  })

  it('are those of what it said last', () => {
    const own = createOwnResources(({ metadata }) => [
      { ...made('a'), resource: { ...resource, version: String(metadata['at']) } },
    ])
    own.note('f', { ...node('a'), metadata: { at: '1' } }, true)
    own.note('f', { ...node('a'), metadata: { at: '2' } }, true)
    own.note('f', { ...node('a'), metadata: { at: '1' } }, false)
    expect(own.of('f')).toMatchObject([{ resource: { version: '2' } }])
  })

  it('stay when it is back before it is known to have gone', () => {
    const own = create()
    own.note('f', node('a'), true)
    own.note('f', node('a'), true)
    expect(own.note('f', node('a'), false)).toEqual([made('a')])
    expect(own.of('f')).toEqual([made('a')])
  })
})
