// What an edit changes, and what it leaves alone: the plane by itself, without a proxy.
import { describe, expect, it } from '@jest/globals'
import { BackendProtocol, type FleetChange, type RecordChange } from '@penstock/ir'
import { type AgentgatewayPlane, agentgatewayTypes, createAgentgatewayPlane } from '@penstock/plane-agentgateway'
import { Resource } from '@penstock/plane-agentgateway/messages'
import { certificate, pairs } from '../plane-envoy/certificates.ts'
import { answering, attachment, fleet, type KeyedRecord, listener, rule, service, to } from '../plane-envoy/records.ts'

const http = listener('http', { port: 80 })
const wild = listener('wild', { port: 80, hostname: '*.example.com' })
const https = listener('https', { port: 443, hostname: 'foo.example.com', certificate: 'foo' })
const foo = rule('foo', [attachment(wild, 'foo.example.com')], { backends: [to('a', 1), to('b', 0)] })
const any = rule('any', [attachment(http, ['', ''])], { backends: [to('a')] })
const secure = rule('secure', [attachment(https, 'foo.example.com')], { backends: [to('a')] })
const records = [http, wild, https, foo, any, secure, ...service('a', [1000]), ...service('b', [1001])]
const all = [...records, certificate('foo', pairs.one)]

const create = (): AgentgatewayPlane =>
  createAgentgatewayPlane({
    openKey: ({ box }) => Buffer.from(box).toString(),
    trial: { freeze: true, twice: true },
  })

/** A plane with all records, and the fleet connected. */
function connected(records: readonly RecordChange[] = all): AgentgatewayPlane {
  const plane = create()
  plane.apply(records)
  plane.connect(fleet)
  return plane
}

const typeNames = new Map<string, string>(Object.entries(agentgatewayTypes).map(([name, typeUrl]) => [typeUrl, name]))
const shown = ({ typeUrl, name, resource }: FleetChange): string =>
  `${resource === undefined ? '-' : '+'} ${typeNames.get(typeUrl)} ${name}`
const gone = ({ key }: { key: string }): RecordChange => ({ key, record: undefined })

const route = (name: string, section: string, port = 80): string =>
  `resource route/${name}/HTTPRoute/default/gateway/${section}/${port}`
const serviceAt = (name: string): string => `address default/${name}.default.svc.cluster.local`
const workload = (name: string): string => `address Kubernetes/discovery.k8s.io/EndpointSlice/default/${name}/127.0.0.1`

describe('a fleet whose first proxy comes', () => {
  it('gets services and workloads, then all that refers to them', () => {
    const plane = create()
    plane.apply(all)
    expect(plane.connect(fleet).map(shown)).toEqual([
      `+ ${workload('a')}`,
      `+ ${workload('b')}`,
      `+ ${serviceAt('a')}`,
      `+ ${serviceAt('b')}`,
      '+ resource bind/443/test',
      '+ resource bind/80/test',
      '+ resource listener/default/gateway/http/80',
      '+ resource listener/default/gateway/https/443',
      '+ resource listener/default/gateway/wild/80',
      `+ ${route('any', 'http')}`,
      `+ ${route('foo', 'wild')}`,
      `+ ${route('secure', 'https', 443)}`,
    ])
  })

  it('gets the same bytes again after the last one went', () => {
    const plane = create()
    plane.apply(all)
    const first = plane.connect(fleet)
    plane.disconnect(fleet)
    expect(plane.apply([gone(any)])).toEqual([])
    plane.apply([any])
    expect(plane.connect(fleet)).toEqual(first)
  })
})

describe('an edit of', () => {
  const moved = listener('https', { port: 8443, hostname: 'foo.example.com', certificate: 'foo' })
  const cases: [string, RecordChange[], string[]][] = [
    [
      'a weight',
      [rule('foo', [attachment(wild, 'foo.example.com')], { backends: [to('a', 1), to('b', 5)] })],
      [`+ ${route('foo', 'wild')}`],
    ],
    ['endpoints', service('a', [1002]).slice(1), [`+ ${workload('a')}`]],
    ['endpoints that go', [gone(service('a', [1000])[1] as KeyedRecord)], [`- ${workload('a')}`]],
    ['a certificate', [certificate('foo', pairs.two)], ['+ resource listener/default/gateway/https/443']],
    ['nothing', all, []],
    ['what a Service speaks', service('a', [1000], BackendProtocol.BACKEND_PROTOCOL_H2C), [`+ ${serviceAt('a')}`]],
    [
      'a backend that only one rule has',
      [rule('foo', [attachment(wild, 'foo.example.com')], { backends: [to('a', 1)] })],
      [`- ${workload('b')}`, `- ${serviceAt('b')}`, `+ ${route('foo', 'wild')}`],
    ],
    ['a rule that goes', [gone(any)], [`- ${route('any', 'http')}`]],
    [
      'a share that becomes unavailable',
      [rule('any', [attachment(http, ['', ''])], { backends: [answering(503)] })],
      ['+ address penstock/unavailable.penstock.internal', `+ ${route('any', 'http')}`],
    ],
    [
      'the port of a listener',
      [moved, rule('secure', [attachment(moved, 'foo.example.com')], { backends: [to('a')] })],
      [
        '- resource bind/443/test',
        '+ resource bind/8443/test',
        '- resource listener/default/gateway/https/443',
        '+ resource listener/default/gateway/https/8443',
        `- ${route('secure', 'https', 443)}`,
        `+ ${route('secure', 'https', 8443)}`,
      ],
    ],
    ['a secret that goes', [gone(certificate('foo', pairs.one))], ['- resource listener/default/gateway/https/443']],
  ]
  it.each(cases)('%s', (_, changes, expected) => {
    expect(connected().apply(changes).map(shown)).toEqual(expected)
  })
})

describe('two Gateways of a fleet with the same port and host', () => {
  const rival = listener('rival', { port: 80, precedence: 'a' })
  const its = rule('its', [attachment(rival, ['', ''])], { backends: [to('a')] })

  it('only the one with precedence is there, and its rules', () => {
    expect(connected().apply([rival, its]).map(shown)).toEqual([
      '- resource listener/default/gateway/http/80',
      '+ resource listener/default/gateway/rival/80',
      `- ${route('any', 'http')}`,
      `+ ${route('its', 'rival')}`,
    ])
  })
})

it('names whose edit it was', () => {
  const [change] = connected().apply(service('a', [1002]).slice(1))
  expect(change?.sources.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['EndpointSlice a-0'])
})

describe('a refusal', () => {
  const told = (change: FleetChange | undefined) => change?.owners?.map(({ kind, name }) => `${kind} ${name}`)
  const first = (start: string): FleetChange | undefined => {
    const plane = create()
    plane.apply(all)
    return plane.connect(fleet).find(({ name }) => name.startsWith(start))
  }

  it.each([
    ['a route', 'route/foo/', ['HTTPRoute foo']],
    ['a listener', 'listener/default/gateway/https/', ['Gateway gateway']],
    ['a bind', 'bind/443/', ['Gateway gateway']],
    ['a service', 'default/a.', ['Service a']],
  ])('of %s is told to nobody else', (_, start, expected) => {
    expect(told(first(start))).toEqual(expected)
  })

  it('is told to the owner, whoever made the edit', () => {
    const renewed = connected().apply([certificate('foo', pairs.two)])
    expect(renewed.flatMap(({ sources }) => sources.map(({ kind }) => kind))).toEqual(['Secret'])
    expect(renewed.map(told)).toEqual([['Gateway gateway']])
  })
})

describe('the hostnames of a route', () => {
  const wide = listener('wide', { port: 80, hostname: '*.a.com' })
  const narrow = listener('narrow', { port: 80, hostname: 'x.a.com' })
  const hostnamesOf = (...[at, ...hosts]: Parameters<typeof attachment>): string[] | undefined => {
    const plane = connected([at, rule('web', [attachment(at, ...hosts)], {})])
    plane.disconnect(fleet)
    const found = plane.connect(fleet).find(({ name }) => name.startsWith('route/'))?.resource
    const kind = found && Resource.decode(found.body).kind
    return kind?.$case === 'route' ? kind.value.hostnames : undefined
  }

  it.each([
    ['that names none are those of the listener', hostnamesOf(wide, ['*.a.com', '']), []],
    ['inside the listener', hostnamesOf(wide, 'x.a.com', 'y.a.com'), ['x.a.com', 'y.a.com']],
    ['around the listener keep their own rank', hostnamesOf(narrow, ['x.a.com', '*.a.com']), ['*.a.com']],
  ])('%s', (_, hostnames, expected) => {
    expect(hostnames).toEqual(expected)
  })
})
