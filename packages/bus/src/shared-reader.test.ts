import { afterEach, expect, it } from '@jest/globals'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { until } from '@penstock/testkit'
import type { SharedChannel } from './channel.ts'
import { notes, type Value } from './contract/scene.ts'
import { createBusEvents } from './events.ts'
import { SharedReader } from './shared-reader.ts'
import { createSubjectSpace } from './subject-space.ts'

const expiryMs = 300
const channel: SharedChannel<Value> = { ...notes, writers: 'many', retention: { refreshMs: 100, expiryMs } }
const subjects = createSubjectSpace({ install: 'i', source: 's' }, channel)
const told: (readonly [string, string | undefined])[] = []
const reader = new SharedReader<Value>({
  channel,
  subjects,
  events: createBusEvents(silentLogger, silentMeter),
  options: { onChange: (changes) => told.push(...changes.map(({ key, value }) => [key, value?.text] as const)) },
  onSynced() {},
  restart() {},
})
afterEach(() => reader.close())

it('forgets nobody who went on while it stood still, and who did not in the end', async () => {
  const message = { subject: subjects.of('a'), sequence: 1, data: Buffer.from('{"text":"1"}'), headers: {}, pending: 0 }
  reader.message(message)
  await new Promise((resolve) => setImmediate(resolve))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * expiryMs)
  // Refreshed meanwhile, and read after the timers that were due: as what comes by a socket is.
  await new Promise((resolve) => setImmediate(resolve))
  reader.message(message)
  expect(told).toEqual([['a', '1']])
  await until('it is forgotten', () => told.length > 1)
  expect(told).toEqual([
    ['a', '1'],
    ['a', undefined],
  ])
})
