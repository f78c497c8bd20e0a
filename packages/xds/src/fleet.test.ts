import { describe, expect, it } from '@jest/globals'
import { Fleet } from './fleet.ts'
import { storeResource } from './stored-resource.ts'

const body = { version: '1', body: Buffer.from('x') }

describe('a fleet', () => {
  it('keeps nothing of a type that only proxies name', () => {
    const fleet = new Fleet('f', { identifier: '', keeps: () => true, keepMs: 1_000 })
    const batch = new Map([['a', undefined]])
    expect(fleet.resources('made up')).toBe(fleet.resources('made up too'))
    expect(fleet.departed('made up')).toBe(fleet.departed('made up too'))
    expect(fleet.message('made up', batch, 0)).not.toBe(fleet.message('made up', batch, 0))
    fleet.update(1, [{ typeUrl: 'made up', name: 'gone' }])
    expect(fleet.resources('made up')).toBe(fleet.resources('made up too'))
  })

  it('encodes once what several streams are owed', () => {
    const fleet = new Fleet('f', { identifier: '', keeps: () => true, keepMs: 1_000 })
    fleet.update(1, [{ typeUrl: 't', name: 'a', resource: body }])
    const batch = new Map([['a', storeResource('t', 'a', body)]])
    expect(fleet.message('t', batch, 0)).toBe(fleet.message('t', new Map(batch), 0))
  })
})
