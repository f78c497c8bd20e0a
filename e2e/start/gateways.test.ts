// `npm start` on a folder with several Gateways: each has a proxy and an address of its own, whatever they share else.
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { exchange, freePorts, until } from '@penstock/testkit'
import { parse, stringify } from 'yaml'
import { type LocalStack, startLocalStack } from './local-stack.ts'
import { isRunning } from './process-tree.ts'

// Each wait has a deadline of its own.
jest.setTimeout(60_000)

const folder = mkdtempSync(join(tmpdir(), 'penstock-gateways-'))
const group = 'gateway.networking.k8s.io/v1'
const host = 'same.example.com'
/** Where b is, the first free address, is known once it runs. */
const places = { a: '127.0.0.1', b: '', c: '127.0.77.7' }
let port = 0
let flags: string[] = []
let stack: LocalStack

beforeAll(async () => {
  const [first = 0] = await freePorts(11)
  port = first
  mkdirSync(join(folder, 'mine'))
  write('class.yaml', { apiVersion: group, kind: 'GatewayClass', ...named('penstock'), spec: { controllerName } })
  write('hello.yaml', service, slice(first + 1))
  for (const name of ['a', 'b']) write(`${name}.yaml`, gateway(name), route(name))
  write('c.yaml', gateway('c', places.c), route('c'))
  flags = ['--config', 'mine', '--data', 'data', '--backend-port', `${first + 1}`, '--base-port', `${first + 3}`]
  stack = await startLocalStack(folder, flags)
  const given = /^serves Gateway default\/b (127\.0\.1\.\d+):/
  await until('b has an address', () => (places.b = stack.lines.join('\n').match(RegExp(given, 'm'))?.[1] ?? '') !== '')
  for (const [name, address] of Object.entries(places)) await serves(name, address)
}, 150_000)

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const controllerName = 'penstock.dev/gateway-controller'
const named = (name: string, more: object = {}) => ({ metadata: { name, ...more } })
const service = { apiVersion: 'v1', kind: 'Service', ...named('hello'), spec: { ports: [{ name: 'http', port: 80 }] } }
const slice = (at: number) => ({
  ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
  ...named('hello', { labels: { 'kubernetes.io/service-name': 'hello' } }),
  ...{ ports: [{ name: 'http', port: at }], endpoints: [{ addresses: ['127.0.0.1'] }] },
})

function write(file: string, ...documents: readonly object[]): void {
  writeFileSync(join(folder, 'mine', file), documents.map((each) => stringify(each)).join('---\n'))
}

function gateway(name: string, address?: string) {
  const addresses = address === undefined ? {} : { addresses: [{ type: 'IPAddress', value: address }] }
  const listeners = [{ name: 'http', port, protocol: 'HTTP' }]
  return {
    apiVersion: group,
    kind: 'Gateway',
    ...named(name),
    spec: { gatewayClassName: 'penstock', ...addresses, listeners },
  }
}

/** Of the same host and path for all of them; the answer says of which Gateway it is. */
function route(name: string, mark = name) {
  const set = [{ name: 'gateway', value: mark }]
  const filters = [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set } }]
  const rules = [{ filters, backendRefs: [{ name: 'hello', port: 80 }] }]
  return {
    apiVersion: group,
    kind: 'HTTPRoute',
    ...named(name),
    spec: { parentRefs: [{ name }], hostnames: [host], rules },
  }
}

/** The header that tells the Gateway, or why there is none. */
async function ask(address: string): Promise<string> {
  try {
    const { status, headers } = await exchange({ address, port, host })
    return headers['gateway'] ?? String(status)
  } catch (error) {
    return String(error)
  }
}

const serves = (name: string, address: string, mark = name): Promise<unknown> =>
  until(`${name} answers at ${address}`, async () => (await ask(address)) === mark, 30_000)

const statusOf = (
  name: string,
): { addresses?: { value: string }[]; conditions: { type: string; message: string }[] } => {
  const file = readFileSync(join(folder, `mine.status/Gateway.default.${name}.yaml`), 'utf8')
  return (parse(file) as { status: ReturnType<typeof statusOf> }).status
}

const proxyOf = (name: string) =>
  stack.processes().find(({ command }) => command.includes(`default~${name}-`) && command.includes('envoy -c'))

describe('Gateways with the same port and hostname', () => {
  it('answer each for themselves, and start and status say where', async () => {
    for (const [name, address] of Object.entries(places)) {
      expect(await ask(address)).toBe(name)
      const line = `serves Gateway default/${name} ${address}:${port}`
      await until(line, () => stack.lines.includes(line))
      await until(`the status of ${name}`, () => statusOf(name).addresses?.[0]?.value === address)
    }
  })

  it('come, change and go while the others serve', async () => {
    const added = stack.line(/^serves Gateway default\/d (\S+):/)
    write('d.yaml', gateway('d'), route('d'))
    const [, address = ''] = await added
    expect(Object.values(places)).not.toContain(address)
    await serves('d', address)
    write('d.yaml', gateway('d'), route('d', 'changed'))
    await serves('d', address, 'changed')
    const moved = stack.line(/^serves Gateway default\/d 127\.0\.77\.8:/)
    write('d.yaml', gateway('d', '127.0.77.8'), route('d'))
    await moved
    await serves('d', '127.0.77.8')
    rmSync(join(folder, 'mine/d.yaml'))
    await until('nothing listens there', async () => (await ask('127.0.77.8')).includes('ECONNREFUSED'), 30_000)
    await until('its proxies have ended', () => proxyOf('d') === undefined, 45_000)
    for (const [name, at] of Object.entries(places)) expect(await ask(at)).toBe(name)
  })

  it('do not notice that the proxy of another dies, which is back at once', async () => {
    const answers = new Set<string>()
    let over = false
    const asking = (async () => {
      while (!over) answers.add(await ask(places.a))
    })()
    const { pid = 0 } = proxyOf('b') ?? {}
    process.kill(pid, 'SIGKILL')
    await until('another proxy', () => ![undefined, pid].includes(proxyOf('b')?.pid))
    await serves('b', places.b)
    over = true
    await asking
    expect([...answers]).toEqual(['a'])
  })

  it('are told of a port that is taken, and have it when it is free', async () => {
    const server = createServer().listen(port, '127.0.77.9')
    await once(server, 'listening')
    const problem = stack.line(/^problem Gateway default\/e Programmed=False NoResources: (.*)$/)
    write('e.yaml', gateway('e', '127.0.77.9'), route('e'))
    expect((await problem)[1]).toBe(`Port ${port} of 127.0.77.9 is taken by another process.`)
    server.close()
    await serves('e', '127.0.77.9')
    rmSync(join(folder, 'mine/e.yaml'))
  })

  it('leave no proxy when who runs them is killed, and are where they were after the next start', async () => {
    const processes = stack.processes()
    const { pid = 0 } = processes.find(({ command }) => command.includes('infra-manager/dist')) ?? {}
    process.kill(pid, 'SIGKILL')
    await until('nothing is left', () => !processes.some(isRunning))
    await stack[Symbol.asyncDispose]()
    expect(stack.lines).toContainEqual(expect.stringMatching(/^infra-manager ended \(SIGKILL\), so everything ends/))
    stack = await startLocalStack(folder, flags)
    for (const [name, address] of Object.entries(places)) await serves(name, address)
    const all = stack.processes()
    await stack.end('SIGINT')
    await until('nothing is left', () => !all.some(isRunning))
  })
})
