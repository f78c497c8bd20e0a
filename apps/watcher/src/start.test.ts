import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Bus, channels, createMemoryBus, createSealer, type JsonObject } from '@penstock/bus'
import { type Logger, silentLogger, silentMeter } from '@penstock/telemetry'
import { until } from '@penstock/testkit'
import { startWatcher } from './start.ts'

const place = { install: 'test', source: 'local' }
const sealer = createSealer({ current: 'k', keys: { k: Buffer.alloc(32, 7) } })
const config = {
  quietMs: 5,
  removeQuietMs: 50,
  rescanMs: 60_000,
  maxFileBytes: 100_000,
  maxDocuments: 100,
  maxAliases: 100,
  maxObjectBytes: 100_000,
}
const service = (name: string, port: number): string =>
  `---\napiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports:\n    - port: ${port}\n`

let folder: string
let broker: ReturnType<typeof createMemoryBus>
let reader: Bus
let seen: Map<string, string>
let open: AsyncDisposable[]
let held: unknown[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-watcher-'))
  broker = createMemoryBus()
  reader = broker.connect({ ...place, service: 'translator' })
  seen = new Map()
  open = [reader]
  held = []
  reader.follow(channels.resource, {
    onCommit: ({ changes }) => {
      for (const { key, value } of changes) {
        if (value) seen.set(key, summary(value))
        else seen.delete(key)
      }
    },
  })
})

afterEach(async () => {
  await Promise.all(open.map((part) => part[Symbol.asyncDispose]()))
  broker[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** `<port>@<generation>` */
function summary(value: JsonObject): string {
  const { metadata, spec } = value as { metadata: { generation: number }; spec: { ports: { port: number }[] } }
  return `${spec.ports[0]?.port}@${metadata.generation}`
}

async function startLife(): Promise<AsyncDisposable> {
  const bus = broker.connect({ ...place, service: 'watcher', settings: { leaseRetryMs: 20 } })
  const health = { check: () => ({ pass: () => {}, fail: () => {} }) }
  const log: Logger = {
    ...silentLogger,
    warn: (event, fields) => void (event === 'held' && held.push(fields)),
  }
  const watcher = await startWatcher({ bus, sealer, config: { ...config, folder }, log, meter: silentMeter, health })
  const life = {
    async [Symbol.asyncDispose]() {
      await watcher[Symbol.asyncDispose]()
      await bus[Symbol.asyncDispose]()
    },
  }
  open.push(life)
  return life
}

const write = (file: string, text: string): void => writeFileSync(join(folder, file), text)
const published = (): Record<string, string> =>
  Object.fromEntries([...seen].map(([key, text]) => [key.split('/').at(-1), text]).sort())
const publishes = (what: Record<string, string>): Promise<unknown> =>
  until(`${JSON.stringify(what)} is published`, () => JSON.stringify(published()) === JSON.stringify(what))

describe('the watcher', () => {
  it('publishes the folder, its edits and its removals', async () => {
    write('a.yaml', service('a', 80) + service('b', 80))
    await startLife()
    await publishes({ a: '80@1', b: '80@1' })
    write('a.yaml', service('a', 81) + service('b', 80))
    await publishes({ a: '81@2', b: '80@1' })
    write('a.yaml', service('b', 80))
    await publishes({ b: '80@1' })
  })

  it('changes nothing by being started again, and counts on', async () => {
    write('a.yaml', service('a', 80))
    const first = await startLife()
    await publishes({ a: '80@1' })
    write('a.yaml', service('a', 81))
    await publishes({ a: '81@2' })
    await first[Symbol.asyncDispose]()
    write('a.yaml', service('a', 81) + service('b', 80))
    await startLife()
    await publishes({ a: '81@2', b: '80@1' })
    write('a.yaml', service('a', 82) + service('b', 80))
    await publishes({ a: '82@3', b: '80@1' })
  })

  it.each([
    ['a broken document', service('a', 80).replace('port: 80', 'prot: 80'), { a: '80@1', c: '80@1' }],
    ['one that does not say what it is', 'kind: Serv', { a: '80@1', b: '80@1', c: '80@1' }],
  ])('starts with %s and leaves what an older life published of it', async (_, broken, left) => {
    write('a.yaml', service('a', 80) + service('b', 80))
    const first = await startLife()
    await publishes({ a: '80@1', b: '80@1' })
    await first[Symbol.asyncDispose]()
    write('a.yaml', broken)
    write('c.yaml', service('c', 80))
    await startLife()
    await publishes(left)
    write('a.yaml', service('a', 81))
    await publishes({ a: '81@2', c: '80@1' })
  })

  it.each([
    ['another kind', '---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n'],
    ['values of a chart', '---\nreplicas: 3\n'],
  ])('is started with a file that also holds %s, and holds nothing', async (_, stranger) => {
    write('a.yaml', service('a', 80) + service('b', 80) + stranger)
    const first = await startLife()
    await publishes({ a: '80@1', b: '80@1' })
    await first[Symbol.asyncDispose]()
    write('a.yaml', service('a', 80) + stranger)
    await startLife()
    await publishes({ a: '80@1' })
    expect(held).toEqual([])
  })

  it('says once what it holds for a file that cannot be read', async () => {
    write('a.yaml', service('a', 80) + service('b', 80))
    const first = await startLife()
    await publishes({ a: '80@1', b: '80@1' })
    await first[Symbol.asyncDispose]()
    write('a.yaml', 'kind: [')
    await startLife()
    await until('it is told', () => held.length > 0)
    write('c.yaml', service('c', 80))
    await publishes({ a: '80@1', b: '80@1', c: '80@1' })
    const objects = ['Service default/a', 'Service default/b']
    expect(held).toEqual([{ file: 'a.yaml', reason: expect.any(String), objects, count: 2 }])
    write('a.yaml', service('a', 80))
    await publishes({ a: '80@1', c: '80@1' })
  })

  it('writes everything again to a bus that was wiped', async () => {
    write('a.yaml', service('a', 80))
    await startLife()
    await publishes({ a: '80@1' })
    broker.stop()
    broker.wipe()
    broker.start()
    write('b.yaml', service('b', 80))
    await publishes({ a: '80@1', b: '80@1' })
  })

  it('stands by and takes over', async () => {
    write('a.yaml', service('a', 80))
    const first = await startLife()
    await publishes({ a: '80@1' })
    await startLife()
    write('a.yaml', service('a', 81))
    await publishes({ a: '81@2' })
    await first[Symbol.asyncDispose]()
    write('a.yaml', service('a', 82))
    await publishes({ a: '82@3' })
  })
})
