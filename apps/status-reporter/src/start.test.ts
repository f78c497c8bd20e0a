import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Announcer, type Bus, channels, createMemoryBus, type Publisher } from '@penstock/bus'
import type { Feedback, ProxyState, Source, Status } from '@penstock/ir'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { until } from '@penstock/testkit'
import { parse } from 'yaml'
import { routeProgrammed } from './condition.ts'
import type { StatusDocument } from './folder-target.ts'
import { startStatusReporter } from './start.ts'

const place = { install: 'test', source: 'local', settings: { leaseRetryMs: 20 } }
const group = 'gateway.networking.k8s.io'
const condition = (type: string) => ({ type, status: true, reason: type, message: 'Fine.' })
const empty = { conditions: [], parents: [], listeners: [], supportedFeatures: [], fleets: [], finalizers: [] }
const sourceOf = (kind: string, name: string, generation = 1): Source => ({
  ...{ group, kind, namespace: 'default', name },
  ...{ uid: name, generation },
})
const keyOf = ({ kind, name }: Source): string => `${group}/${kind}/default/${name}`

function gateway(name: string, fleet: string): Status {
  const source = sourceOf('Gateway', name)
  return { ...empty, source, conditions: [condition('Programmed')], fleets: [fleet] }
}

/** Attached to a Gateway in each of these fleets, named like it. */
function route(name: string, fleets: readonly string[], generation = 1): Status {
  const parents = fleets.map((fleet) => ({
    ...{ group, kind: 'Gateway', namespace: '', name: fleet, sectionName: '', port: 0 },
    conditions: [condition(routeProgrammed)],
    fleets: [fleet],
  }))
  return { ...empty, source: sourceOf('HTTPRoute', name, generation), parents, fleets: [...fleets] }
}

let folder: string
let broker: ReturnType<typeof createMemoryBus>
let open: AsyncDisposable[]
let statuses: Map<string, { value: Status; irCommit: number }>
let translator: Publisher
let server: Announcer<Feedback>

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'penstock-status-')), 'status')
  broker = createMemoryBus()
  open = []
  statuses = new Map()
  const get = (key: string) => {
    const found = statuses.get(key)
    return found && { value: found.value, headers: { 'ir-commit': String(found.irCommit) } }
  }
  const state = () => ({ get, keys: () => statuses.keys(), held: new Set<string>(), inputs: [] })
  translator = connect('translator').publish(channels.status, { state })
  translator.refresh()
  server = connect('xds-server').announce(channels.feedback)
})

afterEach(async () => {
  await Promise.all(open.map((part) => part[Symbol.asyncDispose]()))
  broker[Symbol.dispose]()
  rmSync(join(folder, '..'), { recursive: true, force: true })
})

function connect(service: string): Bus {
  const bus = broker.connect({ ...place, service })
  open.push(bus)
  return bus
}

function startLife(noProxyMs = 60_000): AsyncDisposable {
  const life = new AsyncDisposableStack()
  const bus = life.use(broker.connect({ ...place, service: 'status-reporter' }))
  const config = {
    ...{ status: folder, controllerName: 'penstock.dev/c', gatewayAddress: '127.0.0.1', noProxyMs },
    ...{ settleMs: 50, writesPerSecond: 100, resyncMs: 60_000 },
  }
  life.use(startStatusReporter({ bus, config, log: silentLogger, meter: silentMeter }))
  open.unshift(life)
  return life
}

function want(status: Status, irCommit: number): void {
  const key = keyOf(status.source as Source)
  statuses.set(key, { value: status, irCommit })
  translator.changed([key])
}

function acknowledge(fleet: string, acknowledgedCommit: number, refused: readonly Source[] = [], typeUrl = 't'): void {
  const rejections = refused.map((source) => ({
    ...{ typeUrl, resources: [], message: 'bad cipher', commit: acknowledgedCommit + 1, sources: [source] },
  }))
  const proxy: ProxyState = { proxy: 'p', connectedSinceMs: 1, acknowledgedCommit, acknowledgedAtMs: 1, rejections }
  server.put(`${fleet}/server`, { fleet, instance: 'server', proxies: [proxy] })
}

function read(file: string): StatusDocument | undefined {
  try {
    return parse(readFileSync(join(folder, file), 'utf8')) as StatusDocument
  } catch {
    return undefined
  }
}

/** `<condition's status> <generation>` of the object itself or of each parent. */
function said(file: string): string {
  const { status } = read(file) ?? {}
  const conditions = [...(status?.conditions ?? []), ...(status?.parents ?? []).flatMap((parent) => parent.conditions)]
  return conditions.map((one) => `${one.status} ${one.observedGeneration}`).join(', ')
}

const says = (file: string, words: string): Promise<unknown> =>
  until(`${file} says ${words}`, () => said(file) === words)

describe('Programmed', () => {
  it('is joined for each parent by itself', async () => {
    startLife()
    want(route('web', ['a', 'b']), 10)
    acknowledge('a', 10)
    await says('HTTPRoute.default.web.yaml', 'True 1, Unknown 1')
    acknowledge('b', 10)
    await says('HTTPRoute.default.web.yaml', 'True 1, True 1')
  })

  it('follows the generations, and stays true while a new one is on its way', async () => {
    startLife()
    want(route('web', ['a']), 10)
    acknowledge('a', 10)
    await says('HTTPRoute.default.web.yaml', 'True 1')
    want(route('web', ['a'], 2), 20)
    await until('the new generation is seen', () => read('HTTPRoute.default.web.yaml')?.metadata.generation === 2)
    expect(said('HTTPRoute.default.web.yaml')).toBe('True 1')
    acknowledge('a', 20)
    await says('HTTPRoute.default.web.yaml', 'True 2')
  })

  it('turns false where a proxy refuses what it had, and true again', async () => {
    startLife()
    const web = route('web', ['a'])
    want(web, 10)
    want(gateway('gw', 'a'), 10)
    acknowledge('a', 10)
    await says('HTTPRoute.default.web.yaml', 'True 1')
    acknowledge('a', 10, [web.source as Source])
    await says('HTTPRoute.default.web.yaml', 'False 1')
    await says('Gateway.default.gw.yaml', 'True 1')
    acknowledge('a', 11)
    await says('HTTPRoute.default.web.yaml', 'True 1')
  })

  it('turns false where a proxy refuses a listener of the parent, and true again', async () => {
    startLife()
    want(gateway('a', 'a'), 10)
    want(gateway('gw', 'a'), 10)
    want(route('web', ['a']), 10)
    acknowledge('a', 10)
    await says('HTTPRoute.default.web.yaml', 'True 1')
    acknowledge('a', 10, [sourceOf('Gateway', 'a')], 'v3.Listener')
    await says('HTTPRoute.default.web.yaml', 'False 1')
    await says('Gateway.default.a.yaml', 'False 1')
    await says('Gateway.default.gw.yaml', 'True 1')
    acknowledge('a', 11)
    await says('HTTPRoute.default.web.yaml', 'True 1')
  })

  it('counts each proxy where it is now, and stays true when a server leaves and when all have', async () => {
    startLife(50)
    const second = connect('xds-server').announce(channels.feedback)
    const tell = (by: typeof server, instance: string, ...streams: (readonly [name: string, sinceMs: number])[]) => {
      const told = streams.map(([name, connectedSinceMs]) => ({
        ...{ proxy: name, connectedSinceMs, acknowledgedCommit: 10, acknowledgedAtMs: 1, rejections: [] },
      }))
      by.put(`a/${instance}`, { fleet: 'a', instance, proxies: told })
    }
    const message = (): string | undefined => read('Gateway.default.gw.yaml')?.status?.conditions?.[0]?.message
    want(gateway('gw', 'a'), 10)
    tell(server, 'one', ['p', 1], ['q', 1])
    tell(second, 'two', ['r', 1])
    await until('three are counted', () => message()?.startsWith('3 of 3 '))
    // It ends: its proxies come to the other one, before or after it is gone.
    tell(second, 'two', ['r', 1], ['p', 5])
    server.delete('a/one')
    await until('the one that is away is not counted', () => message()?.startsWith('2 of 2 '))
    tell(second, 'two', ['r', 1], ['p', 5], ['q', 6])
    await until('all are counted again', () => message()?.startsWith('3 of 3 '))
    second.delete('a/two')
    await until('nobody is', () => message()?.startsWith('0 of 0 '))
    want(gateway('later', 'a'), 10)
    await says('Gateway.default.later.yaml', 'Unknown 1')
    expect(said('Gateway.default.gw.yaml')).toBe('True 1')
  })

  it('turns false when a fleet stays without a proxy while a server reports it', async () => {
    startLife(50)
    want(route('web', ['a']), 10)
    acknowledge('a', 10)
    await says('HTTPRoute.default.web.yaml', 'True 1')
    server.put('a/server', { fleet: 'a', instance: 'server', proxies: [] })
    await says('HTTPRoute.default.web.yaml', 'False 1')
    acknowledge('a', 10)
    await says('HTTPRoute.default.web.yaml', 'True 1')
  })
})

describe('the folder', () => {
  it('loses the files of objects that went, in this life or before it, and no others', async () => {
    const first = startLife()
    for (const name of ['one', 'two', 'three']) want(route(name, []), 10)
    await until('three files', () => readdirSync(folder).length === 3)
    statuses.delete(keyOf(sourceOf('HTTPRoute', 'one')))
    translator.changed([keyOf(sourceOf('HTTPRoute', 'one'))])
    await until('two files', () => readdirSync(folder).length === 2)
    await first[Symbol.asyncDispose]()

    statuses.delete(keyOf(sourceOf('HTTPRoute', 'two')))
    translator.changed([keyOf(sourceOf('HTTPRoute', 'two'))])
    await translator.settled()
    writeFileSync(join(folder, 'mine.yaml'), 'kind: Gateway\n')
    startLife()
    await until('one file is left', () => !readdirSync(folder).includes('HTTPRoute.default.two.yaml'))
    expect(readdirSync(folder).sort()).toEqual(['HTTPRoute.default.three.yaml', 'mine.yaml'])
  })

  it('is written by the one that leads, and by another as soon as that one ends', async () => {
    const first = startLife()
    want(route('one', []), 10)
    await until('a file', () => readdirSync(folder).length === 1)
    startLife()
    rmSync(join(folder, 'HTTPRoute.default.one.yaml'))
    want(route('two', []), 10)
    await until('the next file', () => readdirSync(folder).length === 1)
    await first[Symbol.asyncDispose]()
    await until('both files', () => readdirSync(folder).length === 2)
  })

  it('is made again with everything in it when somebody removes it', async () => {
    startLife()
    for (const name of ['one', 'two']) want(route(name, []), 10)
    await until('two files', () => readdirSync(folder).length === 2)
    rmSync(folder, { recursive: true })
    want(route('three', []), 10)
    await until('three files', () => read('HTTPRoute.default.one.yaml') && readdirSync(folder).length === 3)
  })

  it('has a place for the longest names', async () => {
    startLife()
    const [one, two] = ['a', 'b'].map((last) => route('x'.repeat(252) + last, []))
    for (const long of [one, two]) if (long) want(long, 10)
    await until('two files', () => readdirSync(folder).filter((file) => file.endsWith('.yaml')).length === 2)
  })
})
