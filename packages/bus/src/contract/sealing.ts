// Contract: sealed values across the bus: from two processes, and while one key replaces the other.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import type { Sealed } from '@penstock/ir'
import { until } from '@penstock/testkit'
import { channels, type JsonObject } from '../channels.ts'
import { createSealer, newSealingKeys, readSealingKeys, type SealingKeys } from '../seal.ts'
import type { Rig } from './rig.ts'
import { follow, publish } from './scene.ts'

export function sealingContract(rig: () => Rig): void {
  describe('a sealed value', () => sealedValues(rig))
}

const subject = '/Secret/default/web'
const sealedJson = ({ keyId, box }: Sealed): JsonObject => ({ keyId, box: Buffer.from(box).toString('base64') })
const sealedFrom = (value: JsonObject): Sealed => ({
  keyId: value['keyId'] as string,
  subject,
  box: Buffer.from(value['box'] as string, 'base64'),
})

function sealedValues(rig: () => Rig): void {
  it('is the same bytes from two processes, so a new leader publishes none of them again', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'penstock-seal-'))
    try {
      const file = join(dir, 'keys.json')
      writeFileSync(file, newSealingKeys())
      const script = join(import.meta.dirname, 'sealing-process.ts')
      const args = ['--conditions=source', script, file, subject, 'the key']
      const [first, second] = [0, 1].map(() => execFileSync(process.execPath, args, { encoding: 'utf8' }).trim())
      expect(second).toBe(first)
      const keyId = readSealingKeys(file).current
      const bus = await rig().connect()
      await publish(bus, channels.resource, { [subject]: { value: { keyId, box: first ?? '' } } }).settled()
      await bus[Symbol.asyncDispose]()
      const keys: (readonly string[])[] = []
      const here = sealedJson(createSealer(readSealingKeys(file)).seal(subject, Buffer.from('the key')))
      const next = publish(await rig().connect(), channels.resource, { [subject]: { value: here } }, (round) =>
        keys.push(round.keys),
      )
      await next.settled()
      expect(keys).toEqual([[]])
    } finally {
      rmSync(dir, { recursive: true })
    }
  })

  it('sealed with the new key opens for a reader of both and of the new one, while the old one only opens the old', async () => {
    const old = keysOf(newSealingKeys())
    const both = keysOf(newSealingKeys(old))
    const only: SealingKeys = { current: both.current, keys: { [both.current]: both.keys[both.current] as Uint8Array } }
    const plain = Buffer.from('the key')
    const records = { [subject]: { value: sealedJson(createSealer(old).seal(subject, plain)) } }
    const publisher = publish(await rig().connect(), channels.resource, records)
    const told = follow(await rig().connect({ service: 'reader' }), channels.resource)
    await until('it is applied', () => told.has(subject))
    const open = (keys: SealingKeys) => () =>
      Buffer.from(createSealer(keys).open(sealedFrom(told.get(subject) as JsonObject))).toString()
    expect([open(old)(), open(both)()]).toEqual(['the key', 'the key'])
    expect(open(only)).toThrow(expect.objectContaining({ code: 'seal_broken' }))

    records[subject] = { value: sealedJson(createSealer(both).seal(subject, plain)) }
    publisher.changed([subject])
    await until('it is sealed anew', () => told.get(subject)?.['keyId'] === both.current)
    expect([open(both)(), open(only)()]).toEqual(['the key', 'the key'])
    expect(open(old)).toThrow(expect.objectContaining({ code: 'seal_broken' }))
  })
}

function keysOf(file: string): SealingKeys {
  const { current, keys } = JSON.parse(file) as { current: string; keys: Record<string, string> }
  return {
    current,
    keys: Object.fromEntries(Object.entries(keys).map(([id, key]) => [id, Buffer.from(key, 'base64')])),
  }
}
