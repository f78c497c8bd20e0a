// Contract: the edges of what a record can be: the longest names, the largest value.
import { describe, expect, it } from '@jest/globals'
import { backendKey, type IrRecord } from '@penstock/ir'
import { until } from '@penstock/testkit'
import { channels, type JsonObject } from '../channels.ts'
import { settingsWith } from '../settings.ts'
import { announceTo, kept, listen } from './many-writers.ts'
import type { Rig } from './rig.ts'
import { createSource, follow, notes, publish, view, write } from './scene.ts'

export function recordsContract(rig: () => Rig): void {
  describe('a name', () => names(rig))
  describe('a value', () => sizes(rig))
}

const label = 'n'.repeat(63)
/** 253 characters, the longest name of an object, with dots in it. */
const longest = [label, label, label, 'n'.repeat(61)].join('.')

function names(rig: () => Rig): void {
  it('with dots and of the greatest length travels through the channel of resources and that of the IR', async () => {
    const bus = await rig().connect()
    const reading = await rig().connect({ service: 'reader' })
    const metadata = { namespace: label, name: longest }
    const resource: JsonObject = { apiVersion: `${longest}/v1`, kind: label, metadata }
    const resources = [`/Service/${label}/${longest}`, `${longest}/${label}/${label}/${longest}`, `/Namespace//a.b.c`]
    const backend = { kind: 'Service', ...metadata, port: 65_535, variant: label, protocol: 0 }
    const value = channels.ir.codec.decode(new Uint8Array(0), backendKey(backend))
    const records: Record<string, { value: IrRecord }> = { [backendKey(backend)]: { value } }

    publish(bus, channels.resource, Object.fromEntries(resources.map((key) => [key, { value: resource }])))
    publish(bus, channels.ir, records)
    const [toldResources, toldRecords] = [follow(reading, channels.resource), follow(reading, channels.ir)]
    await until('all are applied', () => toldResources.size === resources.length && toldRecords.size === 1)
    expect([...toldResources.keys()].sort()).toEqual(resources.sort())
    expect(toldResources.get(resources[0] ?? '')).toEqual(resource)
    expect([...toldRecords.keys()]).toEqual([backendKey(backend)])
  })

  it('is refused only when its subject is longer than the limit, to the byte', async () => {
    const bus = await rig().connect()
    const room = settingsWith().maxSubjectBytes - bus.subject(notes, 'a/').length + '_'.length
    const [fits, exceeds] = [`a/${'x'.repeat(room)}`, `a/${'x'.repeat(room + 1)}`]
    expect(bus.subject(notes, fits)).toHaveLength(settingsWith().maxSubjectBytes)
    write(bus, createSource({ [fits]: 'fits', [exceeds]: 'exceeds' }))
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    expect(reader.texts).toEqual({ [fits]: 'fits' })
    expect(reader.commits[0]?.commit.held).toEqual([exceeds])
  })
}

function sizes(rig: () => Rig): void {
  const envelope = notes.codec.encode({ text: '' }).length
  const exactly = 'x'.repeat(2 * 1024 * 1024 - envelope)

  it('of exactly 2 MiB is written; with one byte more it is refused, held and named', async () => {
    const source = createSource({ 'a/1': exactly, 'b/1': `${exactly}x` })
    const { publisher } = write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    expect(Object.keys(reader.texts)).toEqual(['a/1'])
    expect(reader.texts['a/1'] === exactly).toBe(true)
    expect(reader.commits[0]?.commit.held).toEqual(['b/1'])
    source.set('b/1', exactly)
    publisher.changed(['b/1'])
    await until('it fits', () => reader.texts['b/1'] !== undefined)
    expect(reader.commits.at(-1)?.commit.held).toEqual([])
  })

  it('on a channel with many writers: the same, and it stops no other', async () => {
    const announcer = announceTo(await rig().connect(), kept, { a: exactly, b: 'small' })
    const reader = listen(await rig().connect({ service: 'reader' }), kept)
    await until('both are read', () => Object.keys(reader.texts).length === 2)
    announcer.put('b', { text: `${exactly}x` })
    announcer.put('c', { text: 'other' })
    await until('the other is read', () => reader.texts['c'])
    announcer.put('c', { text: 'again' })
    await until('the writer goes on', () => reader.texts['c'] === 'again')
    expect(reader.texts['b']).toBe('small')
    // Nothing is written again and again for it.
    const changes = reader.changes.length
    announcer.put('b', { text: 'less' })
    await until('it is small again', () => reader.texts['b'] === 'less')
    expect(reader.changes.length).toBe(changes + 1)
  })
}
