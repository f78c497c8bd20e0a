// What a real Envoy says of requests, to files and to an OpenTelemetry collector; and which words it knows.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type AccessLog, fleetKey, type Telemetry } from '@penstock/ir'
import { accessLogCommands, envoyCapabilities } from '@penstock/plane-envoy'
import { exchange, freePorts, startEchoBackend, until } from '@penstock/testkit'
import { type Collector, startCollector } from './collector.ts'
import { attachment, fleet, type KeyedRecord, listener, prefix, rule, service, to } from './records.ts'
import { type Rig, startRig } from './rig.ts'

const stack = new AsyncDisposableStack()
let rig: Rig
let collector: Collector
let port = 0
let folder = ''
let route: (path: string) => KeyedRecord

const source = { group: '', kind: 'Gateway', namespace: 'default', name: 'teller', uid: 't', generation: 1 }

const telling = (telemetry?: Telemetry): KeyedRecord => ({
  key: fleetKey({ name: fleet }),
  record: { kind: 'fleet', value: { source, name: fleet, plane: 'envoy', ...(telemetry ? { telemetry } : {}) } },
})
const logging = (...accessLogs: AccessLog[]): KeyedRecord => telling({ accessLogs })

const ask = (path: string) => exchange({ port, host: 'x.com', path })
const written = async (name: string): Promise<string> => readFile(join(folder, name), 'utf8').catch(() => '')
const toFile = (name: string, format?: AccessLog['format']): AccessLog => ({
  ...(format ? { format } : {}),
  sink: { $case: 'file', value: join(folder, name) },
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-logs-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  collector = stack.use(await startCollector())
  const backend = stack.use(await startEchoBackend('one'))
  ;[port = 0] = await freePorts(1)
  const http = listener('http', { port })
  route = (path) => rule('one', [attachment(http, 'x.com')], { matches: [prefix(path)], backends: [to('one')] })
  rig = stack.use(await startRig([http, ...service('one', [backend.port]), route('/'), telling()]))
})

afterAll(() => stack.disposeAsync())

describe('a request', () => {
  it('is told of, as it was asked for, once that is asked for', async () => {
    await ask('/before')
    const changes = await rig.apply([
      logging(
        toFile('text', { $case: 'text', value: '%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE% 100%%' }),
        toFile('fields', { $case: 'fields', value: { values: { path: '%REQ(:PATH)%', status: '%RESPONSE_CODE%' } } }),
        toFile('own'),
        {},
      ),
    ])
    // Were it refused, this object would be set aside.
    expect(changes.map(({ name, sources }) => [name, sources])).toEqual([[`${port}`, [source]]])
    expect((await ask('/a?b')).status).toBe(200)
    expect((await ask('/c')).status).toBe(200)
    await until('its lines', async () => (await written('own')).split('\n').length === 3)
    await until(
      'the other lines',
      async () => (await written('fields')).endsWith('}\n') && (await written('text')) !== '',
    )
    expect(await written('text')).toBe('GET /a?b 200 100%\nGET /c 200 100%\n')
    expect((await written('fields')).split('\n')[0]).toBe('{"path":"/a?b","status":200}')
    expect(await written('own')).toMatch(/^\[\S+\] "GET \/a\?b HTTP\/1\.1" 200 /)
    expect(await readFile(join(rig.envoy.dir, 'envoy.log'), 'utf8')).toContain('"GET /a?b HTTP/1.1" 200 ')
  })

  it('is no matter of listeners: no edit of a route changes one', async () => {
    const changes = await rig.apply([route('/d')])
    expect(changes.map(({ typeUrl }) => typeUrl.split('.').at(-1))).toEqual(['RouteConfiguration'])
  })

  it('is told to a collector, as a log record and as a span', async () => {
    const endpoint = { host: '127.0.0.1', port: collector.port }
    const sink = { $case: 'openTelemetry', value: endpoint } as const
    await rig.apply([
      telling({
        accessLogs: [{ format: { $case: 'fields', value: { values: { told: 'path %REQ(:PATH)%' } } }, sink }, { sink }],
        tracing: { endpoint, samplingPercent: 100, serviceName: '', tags: { region: 'north' } },
      }),
    ])
    expect((await ask('/d/told')).status).toBe(200)
    await until('a log record', () => collector.heard('LogsService').includes('path /d/told'))
    await until('its line', () => collector.heard('LogsService').includes('"GET /d/told HTTP/1.1" 200'))
    const spans = await until('a span', () => collector.heard('TraceService'))
    expect(spans).toContain('north')
    expect(spans).toContain(fleet)
  })

  it('is not told of when a collector is not there, and goes on', async () => {
    const endpoint = { host: 'nobody.invalid', port: 4317 }
    await rig.apply([logging({ sink: { $case: 'openTelemetry', value: endpoint } })])
    expect((await ask('/d')).status).toBe(200)
    const names = (await rig.apply([telling()])).map(({ name, resource }) => [name, resource !== undefined])
    expect(names).toEqual([
      ['telemetry/4317/nobody.invalid', false],
      [`${port}`, true],
    ])
    const log = await readFile(join(rig.envoy.dir, 'envoy.log'), 'utf8')
    expect(log).not.toContain('Deprecated')
  })
})

describe('what the CRD lets pass', () => {
  const tracing = { endpoint: { host: 'a', port: 1 }, samplingPercent: 0, serviceName: 'ä\n', tags: { ' ': '%' } }
  const values = { '': '%%', 'a b': '', '%': 'ä' }

  it.each([':', '::', '1.2.3', '1.2.3.4.5', 'a..b', 'A_b-', '0', '2001:db8::1'])(
    'as a host is no reason to refuse a listener: %s',
    async (host) => {
      const sink = { $case: 'openTelemetry', value: { host, port: 65_535 } } as const
      await rig.apply([logging({ sink })])
      expect((await ask('/d')).status).toBe(200)
    },
  )

  it('as names, tags and fields is none either', async () => {
    const format = { $case: 'fields', value: { values } } as const
    const sink = { $case: 'openTelemetry', value: { host: 'a', port: 1 } } as const
    await rig.apply([telling({ accessLogs: [{ format }, { format, sink }, toFile('odd', format)], tracing })])
    expect((await ask('/d')).status).toBe(200)
  })

  it('as a file that cannot be opened is one: what was said before is said on', async () => {
    await rig.apply([logging(toFile('before', { $case: 'text', value: 'a line' }))])
    const sink = { $case: 'file', value: '/proc/none/log' } as const
    await expect(rig.apply([logging({ sink })])).rejects.toThrow(/unable to open file/)
    expect((await ask('/d')).status).toBe(200)
    await until('its line', async () => (await written('before')) === 'a line\n')
    await rig.apply([telling()])
  })
})

describe('the words of an access log', () => {
  const { problemOf } = envoyCapabilities.proxies.accessLogs
  const parameters = [
    ...['a', ':path?b', '24', 'WQ', 'ORIG', 'NUMBER', 'SNI_ONLY', 'ALLOW_WHITESPACES', 'DYNAMIC:a:b', 'a:PLAIN'],
    ...['DS_RX_BEG:US_TX_END:ms', '%Y-%m-%dT%H:%M:%S.%3fZ'],
  ]
  const suffixes = ['', ':5', ...parameters.flatMap((text) => [`(${text})`, `(${text}):5`])]
  const forms = accessLogCommands.flatMap((name) => suffixes.map((suffix) => `%${name}${suffix}%`))

  it('that pass here are known to Envoy, in all their forms', async () => {
    const passing = forms.filter((form) => problemOf(form) === undefined)
    expect(new Set(passing.map((form) => form.slice(1, -1).split(/[(:]/)[0])).size).toBe(accessLogCommands.length)
    await rig.apply([logging(toFile('every', { $case: 'text', value: passing.join(' ') }))])
    expect((await ask('/d')).status).toBe(200)
    await until('a line', async () => (await written('every')) !== '')
  })

  it.each(['%NOTHING%', '100%', '%REQ%', '%REQ(a', '%PROTOCOL:5%', '%DURATION(a)%', '%GRPC_STATUS(a)%', '%REQ(a b)%'])(
    'that Envoy refuses do not pass: %s',
    async (value) => {
      expect(problemOf(value)).toBeDefined()
      await expect(rig.apply([logging(toFile('refused', { $case: 'text', value }))])).rejects.toThrow('Envoy refused')
    },
  )

  it('and the components of its own log are those that Envoy has', async () => {
    const listed = await fetch(`${rig.envoy.adminUrl}/logging`, { method: 'POST' })
    const names = [...(await listed.text()).matchAll(/^ {2}(\w+): \w+$/gm)].map(([, name = '']) => name)
    expect(names.sort()).toEqual([...(envoyCapabilities.proxies.logComponents ?? [])].sort())
  })
})
