// Proxies as processes of this machine, on real Envoys. Each has its one listener from its own bootstrap, so no server of
// configuration is needed; with one, e2e/start asks.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Infra, type Infrastructure, Transport, unsetParameters } from '@penstock/ir'
import { silentLogger } from '@penstock/telemetry'
import { envoyPath, exchange, freePorts, until } from '@penstock/testkit'
import { createHostProvider } from './host-provider.ts'
import type { Provider } from './provider.ts'

let port = 0
let folder: string
let told: Map<string, Infrastructure>
let log: { event: string; fields: Record<string, unknown> }[]
let open: AsyncDisposableStack

beforeEach(async () => {
  ;[port = 0] = await freePorts(1)
  folder = mkdtempSync(join(tmpdir(), 'penstock-host-'))
  ;[told, log, open] = [new Map(), [], new AsyncDisposableStack()]
  open.defer(() => rmSync(folder, { recursive: true, force: true }))
})
afterEach(async () => open.disposeAsync())

function start(wanted: readonly Infra[] = []): Provider {
  const tell = (event: string, fields: Record<string, unknown> = {}): void => void log.push({ event, fields })
  const provider = createHostProvider({
    onInfrastructure: (fleet, infrastructure) =>
      infrastructure ? told.set(fleet, infrastructure) : told.delete(fleet),
    onFault: () => {},
    onSettled: () => {},
    log: { ...silentLogger, info: tell, warn: tell, error: tell },
    config: { hostData: folder, envoyProgram: envoyPath(), xdsAddress: '127.0.0.1:1' },
  })
  for (const infra of wanted) provider.want(infra.fleet, infra)
  provider.begin()
  return open.use(provider)
}

interface Wish {
  readonly address?: string
  readonly ports?: readonly number[]
  readonly answer?: string
  readonly more?: Partial<typeof unsetParameters>
}

/** A fleet whose Envoy answers `answer` on `port` of the address, or waits for its configuration without one. */
function gateway(name: string, { address, ports = [port], answer = name, more = {} }: Wish = {}): Infra {
  const source = { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'default', name }
  const bootstrapJson = JSON.stringify({
    dynamic_resources: null,
    static_resources: { listeners: address === undefined ? [] : ports.map((each) => listener(address, each, answer)) },
  })
  return {
    ...{ fleet: `default~${name}`, plane: 'envoy', labels: {}, annotations: {} },
    source: { ...source, uid: name, generation: 1 },
    ports: ports.map((each) => ({ port: each, transport: Transport.TCP })),
    addresses: address === undefined ? [] : [{ type: 'IPAddress', value: address }],
    parameters: { ...unsetParameters, drainSeconds: 2, bootstrapJson, ...more },
  }
}

function listener(address: string, at: number, answer: string): object {
  const filters = 'type.googleapis.com/envoy.extensions.filters'
  const routes = [{ match: { prefix: '/' }, direct_response: { status: 200, body: { inline_string: answer } } }]
  const manager = {
    '@type': `${filters}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'test',
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes }] },
    http_filters: [{ name: 'router', typed_config: { '@type': `${filters}.http.router.v3.Router` } }],
  }
  return {
    name: `at-${at}`,
    address: { socket_address: { address, port_value: at } },
    filter_chains: [{ filters: [{ name: 'manager', typed_config: manager }] }],
  }
}

const of = (name: string): Infrastructure | undefined => told.get(`default~${name}`)
const addressOf = (name: string): string | undefined => of(name)?.addresses[0]?.value
const serves = (name: string): Promise<unknown> =>
  until(`${name} serves`, () => of(name)?.problem === '' && of(name)?.replicasReady === 1)
const answerAt = async (address: string, at = port): Promise<string> => (await exchange({ address, port: at })).body

/** Of a fleet, now. */
function pids(name: string): number[] {
  const proxies = join(folder, 'proxies')
  const own = readdirSync(proxies).filter((each) => each.startsWith(`default~${name}-`))
  return own.map((each) => Number(readFileSync(join(proxies, each, 'pid'), 'utf8')))
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describe('addresses', () => {
  it('are the ones asked for, else 127.0.0.1 for one and their own for the others, again after a restart', async () => {
    const wanted = [gateway('a'), gateway('b'), gateway('c', { address: '127.0.7.7' }), gateway('d')]
    const first = start(wanted)
    for (const name of ['a', 'b', 'c', 'd']) await serves(name)
    const before = ['a', 'b', 'c', 'd'].map(addressOf)
    // Which of them are free is for this machine to say.
    const own = expect.stringMatching(/^127\.0\.1\.\d+$/)
    expect(before).toEqual(['127.0.0.1', own, '127.0.7.7', own])
    expect(new Set(before).size).toBe(4)
    await first[Symbol.asyncDispose]()
    told.clear()
    // The first is gone: nobody else moves.
    start(wanted.slice(1).toReversed())
    for (const name of ['b', 'c', 'd']) await serves(name)
    expect(['b', 'c', 'd'].map(addressOf)).toEqual(before.slice(1))
  })

  it('are never one on which another process listens', async () => {
    const servers = ['127.0.0.1', '127.0.1.2'].map((host) => createServer().listen(port, host))
    for (const server of servers) open.defer(() => void server.close())
    await Promise.all(servers.map((server) => once(server, 'listening')))
    start([gateway('a')])
    await serves('a')
    expect(['127.0.0.1', '127.0.1.2']).not.toContain(addressOf('a'))
  })

  it.each([
    ['of other machines', '10.0.0.1', '10.0.0.1 is not within 127.0.0.0/8'],
    ['of another Gateway', '127.0.7.7', '127.0.7.7 is the address of Gateway default/a.'],
  ])('%s are not given', async (_, address, problem) => {
    start([gateway('a', { address: '127.0.7.7' }), gateway('b', { address })])
    await until('it is told', () => of('b')?.problem.startsWith(problem))
    await serves('a')
    expect(addressOf('b')).toBeUndefined()
  })
})

describe('a proxy', () => {
  it('that dies is started again, and told; its neighbour goes on', async () => {
    start([gateway('a', { address: '127.0.7.1' }), gateway('b', { address: '127.0.7.2' })])
    for (const name of ['a', 'b']) await serves(name)
    const [pid = 0, neighbour] = [pids('a')[0], pids('b')[0]]
    process.kill(pid, 'SIGKILL')
    await until('it is told', () => log.some(({ event }) => event === 'proxy_ended'))
    await until('another one runs', () => pids('a').some((each) => each !== pid))
    await serves('a')
    expect(await answerAt('127.0.7.1')).toBe('a')
    expect(pids('b')).toEqual([neighbour])
    expect(log.find(({ event }) => event === 'proxy_ended')?.fields['reason']).toMatch(/^it ended with SIGKILL/)
  })

  it('that cannot start says why in its own words, and the one before it serves on', async () => {
    const provider = start([gateway('a', { address: '127.0.7.1' })])
    await serves('a')
    const broken = gateway('a', { address: '127.0.7.1', more: { bootstrapJson: '{"no_such_field":1}' } })
    provider.want(broken.fleet, broken)
    await until('it is told', () => of('a')?.problem !== '')
    expect(of('a')?.problem).toMatch(/does not run: it ended with exit code 1: .*no_such_field/)
    expect(await answerAt('127.0.7.1')).toBe('a')
    const healed = gateway('a', { address: '127.0.7.1', answer: 'new' })
    provider.want(healed.fleet, healed)
    await serves('a')
    await until('the new one alone answers', async () => (await answerAt('127.0.7.1')) === 'new')
  })

  it('is replaced without a request that fails, and goes with its Gateway', async () => {
    const provider = start([gateway('a', { address: '127.0.7.1', answer: '0' })])
    await serves('a')
    const load = startLoad('127.0.7.1')
    for (const answer of ['1', '2', '3']) {
      const next = gateway('a', { address: '127.0.7.1', answer })
      provider.want(next.fleet, next)
      await until(`${answer} answers`, () => load.lastAnswer() === answer)
      await until('the one before has ended', () => pids('a').length === 1, 20_000)
    }
    const { count, failures } = await load.stop()
    process.stdout.write(`host provider: 3 replacements under ${count} requests, ${failures.length} failed\n`)
    expect(failures).toEqual([])
    const left = pids('a')
    provider.want('default~a', undefined)
    await until('nothing runs', () => !left.some(isAlive), 20_000)
    expect(of('a')).toBeUndefined()
    await until('its address is free', () => readFileSync(join(folder, 'addresses.json'), 'utf8').trim() === '{}')
  })

  it('that is changed again while it is replaced ends as the last change has it', async () => {
    const at = { address: '127.0.7.1' }
    const provider = start([gateway('a', { ...at, answer: '0' })])
    await serves('a')
    for (const answer of ['1', '2', '0', '3']) {
      const next = gateway('a', { ...at, answer })
      const before = pids('a').join()
      provider.want(next.fleet, next)
      await until('one is started for it, or called off', () => pids('a').join() !== before)
    }
    await until('the last one alone runs', async () => pids('a').length === 1 && (await answerAt(at.address)) === '3')
    await serves('a')
  })

  it('waits for a port that is taken, told which, and takes it when it is free', async () => {
    const server = createServer().listen(port, '127.0.7.1')
    await once(server, 'listening')
    start([gateway('a', { address: '127.0.7.1' }), gateway('b', { address: '127.0.7.2' })])
    await until('it is told', () => (of('a')?.problem ?? '') !== '')
    expect(of('a')?.problem).toBe(`Port ${port} of 127.0.7.1 is taken by another process.`)
    await serves('b')
    server.close()
    await serves('a')
    expect(await answerAt('127.0.7.1')).toBe('a')
  })

  it('listens where it is told while it runs, in the same process', async () => {
    const { provider, ports, hear } = await startHearing()
    const before = pids('a')
    const added = hear(ports)
    provider.want(added.fleet, added)
    await until('it answers there too', () => answerAt('127.0.7.1', ports[1]).catch(() => ''))
    await until('it is told', () => log.some(({ fields }) => fields['ports'] === ports.join()))
    expect(pids('a')).toEqual(before)
  })

  it('is renewed for a port that was taken when it heard of it, whoever had it', async () => {
    const { provider, ports, hear } = await startHearing()
    const server = createServer().listen(ports[1], '127.0.7.1')
    await once(server, 'listening')
    const before = pids('a')
    const added = hear(ports)
    await until('it has tried', () => logOf('a').includes('Address already in use'))
    server.close()
    provider.want(added.fleet, added)
    await until('it answers there too', () => answerAt('127.0.7.1', ports[1]).catch(() => ''), 20_000)
    await serves('a')
    expect(pids('a')).not.toEqual(before)
  })

  it('goes on while nothing can be written, and is seen to after that', async () => {
    const provider = start([gateway('a', { address: '127.0.7.1' })])
    await serves('a')
    const obstacle = join(folder, 'addresses.json.next')
    mkdirSync(obstacle)
    const moved = gateway('a', { address: '127.0.7.2' })
    provider.want(moved.fleet, moved)
    await until('it is told', () => of('a')?.problem.includes('EISDIR'))
    expect(await answerAt('127.0.7.1')).toBe('a')
    rmSync(obstacle, { recursive: true })
    await until('it has moved', () => addressOf('a') === '127.0.7.2')
    await serves('a')
  })

  it('that is not ready yet is called off when its Gateway asks for what cannot be', async () => {
    const provider = start([gateway('a', { address: '127.0.7.1' })])
    await serves('a')
    // It waits for its server, which does not answer.
    const waiting = gateway('a', { address: '127.0.7.2', more: { bootstrapJson: '{}' } })
    provider.want(waiting.fleet, waiting)
    await until('it is started', () => pids('a').length === 2)
    const refused = gateway('a', { address: '10.0.0.1' })
    provider.want(refused.fleet, refused)
    await until('it has ended', () => pids('a').length === 1)
    expect(await answerAt('127.0.7.1')).toBe('a')
  })

  it('says what of its GatewayConfig is for pods, and of which plane there is none', async () => {
    start([{ ...gateway('a'), plane: 'agentgateway' }, gateway('b', { more: { image: 'x', replicas: 3 } })])
    await until('the plane', () => /of the plane agentgateway/.test(of('a')?.problem ?? ''))
    await serves('b')
    expect(log.filter(({ event }) => event === 'parameters_ignored').map(({ fields }) => fields)).toEqual([
      { fleet: 'default~b', reason: 'image, replicas say nothing to proxies on this machine' },
    ])
  })
})

describe('what an earlier life left', () => {
  it('is ended if it is a proxy of ours, and left alone if its number is another one’s by now', async () => {
    const [ours, theirs] = ['default~a-1', 'default~b-1'].map((name) => join(folder, 'proxies', name)) as [
      string,
      string,
    ]
    const stray = standIn(ours, ours)
    const stranger = standIn(theirs, 'something else')
    start([gateway('a', { address: '127.0.7.1' })])
    await serves('a')
    expect([stray, stranger].map(({ pid = 0 }) => isAlive(pid))).toEqual([false, true])
    expect([ours, theirs].filter((each) => existsSync(each))).toEqual([])
  })
})

/** A fleet whose Envoy hears from a file where to listen, on the first of two ports for now. */
async function startHearing() {
  const [address, file] = ['127.0.7.1', join(folder, 'listeners.json')]
  const ports = await freePorts(2)
  const lds_config = { ads: null, path_config_source: { path: file } }
  const bootstrapJson = JSON.stringify({ dynamic_resources: { ads_config: null, cds_config: null, lds_config } })
  const hear = (heard: readonly number[]): Infra => {
    const type = { '@type': 'type.googleapis.com/envoy.config.listener.v3.Listener' }
    const resources = heard.map((each) => ({ ...type, ...listener(address, each, 'a') }))
    writeFileSync(`${file}.next`, JSON.stringify({ resources }))
    renameSync(`${file}.next`, file)
    return gateway('a', { address, ports: heard, more: { bootstrapJson } })
  }
  const provider = start([hear(ports.slice(0, 1))])
  await serves('a')
  expect(await answerAt(address, ports[0])).toBe('a')
  return { provider, ports, hear }
}

const logOf = (name: string): string => {
  const proxies = join(folder, 'proxies')
  const own = readdirSync(proxies).filter((each) => each.startsWith(`default~${name}-`))
  return own.map((each) => readFileSync(join(proxies, each, 'log'), 'utf8')).join('')
}

function standIn(home: string, argument: string): ChildProcess {
  mkdirSync(home, { recursive: true })
  const child = spawn('/bin/sh', ['-c', 'read -r _', argument], { stdio: ['pipe', 'ignore', 'ignore'] })
  open.defer(() => void child.kill('SIGKILL'))
  writeFileSync(join(home, 'pid'), `${child.pid}\n`)
  return child
}

/** New connections one after the other, eight at a time. */
function startLoad(address: string) {
  const failures: string[] = []
  let [count, last, over] = [0, '', false]
  const ask = async (): Promise<void> => {
    while (!over) {
      try {
        last = await answerAt(address)
        count += 1
      } catch (error) {
        failures.push(String(error))
        await delay(20)
      }
    }
  }
  const asking = Promise.all(Array.from({ length: 8 }, ask))
  return {
    lastAnswer: () => last,
    async stop() {
      over = true
      await asking
      return { count, failures }
    },
  }
}
