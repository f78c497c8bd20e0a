import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { instrumentsOf } from './instruments.ts'

let room: string

beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'penstock-room-'))
  mkdirSync(join(room, 'src/contract'), { recursive: true })
})

afterEach(() => rmSync(room, { recursive: true, force: true }))

it('finds every instrument of a room, as it is written', () => {
  const text = `
    const a = meter.counter('a_total', 'What a counts (all)', ['kind', 'result'])
    const b = options.meter.gauge(
      'b',
      'What b counts',
    )
    const c = meter.histogram('c_ms', 'What c counts', { buckets: [0.1, 1], labelNames: ['type'] })`
  writeFileSync(join(room, 'src/metrics.ts'), text)
  for (const other of ['a.test.ts', 'a.fixture.ts', 'contract/rig.ts', 'rig.ts']) {
    writeFileSync(join(room, 'src', other), "meter.counter('test_total', 'Only in tests')")
  }
  expect(instrumentsOf(room)).toEqual([
    { name: 'a_total', type: 'counter', labels: ['kind', 'result'], help: 'What a counts (all)' },
    { name: 'b', type: 'gauge', labels: [], help: 'What b counts' },
    { name: 'c_ms', type: 'histogram', labels: ['type'], help: 'What c counts' },
  ])
})

it('refuses an instrument that cannot be listed', () => {
  writeFileSync(join(room, 'src/metrics.ts'), 'meter.counter(name, help)')
  expect(() => instrumentsOf(room)).toThrow('src/metrics.ts has an instrument')
})
