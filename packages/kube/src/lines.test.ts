import { describe, expect, it } from '@jest/globals'
import { createLineReader } from './lines.ts'

describe('lines', () => {
  it('are whole wherever the bytes are cut', () => {
    const bytes = Buffer.from('eins ☃\nzwölf\n\n北京\n')
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const reader = createLineReader(100)
      expect([...reader.take(bytes.subarray(0, cut)), ...reader.take(bytes.subarray(cut))]).toEqual([
        'eins ☃',
        'zwölf',
        '北京',
      ])
      expect(reader.pendingBytes).toBe(0)
    }
  })

  it('count what has no end yet, up to their limit', () => {
    const reader = createLineReader(5)
    expect(reader.take(Buffer.from('abc'))).toEqual([])
    expect(reader.pendingBytes).toBe(3)
    expect(() => reader.take(Buffer.from('def'))).toThrow('more than 5 bytes')
  })
})
