// Law 5 on the plane's graph: what an edit makes run, as an exact list. A line more here is a cost for every proxy.
import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Input, Round } from '@penstock/incremental'
import { kindOf } from '@penstock/ir'
import { createPlaneGraph, type PlaneGraph } from '@penstock/plane-envoy/graph'
import { certificate, pairs } from './certificates.ts'
import { attachment, fleet, type KeyedRecord, listener, rule, service, to } from './records.ts'

const http = listener('http', { port: 80 })
const https = listener('https', { port: 443, hostname: 'foo.example.com', certificate: 'foo' })
const many = Array.from({ length: 50 }, (_, at) =>
  rule(`web-${at}`, [attachment(http, `h${at}.com`)], { backends: [to('a'), to('b')] }),
)
const all = [
  http,
  https,
  ...many,
  ...service('a', [1000]),
  ...service('b', [1001]),
  ...service('c', [1004]),
  certificate('foo', pairs.one),
]

const attached = 'listener/default/gateway/Gateway/default/gateway/http|http_rule/HTTPRoute/default/web-7/#0'
/** What every edit of the rule runs, whether or not its fleet has proxies. */
const filing = [
  'attachedRules http_rule/HTTPRoute/default/web-7/#0',
  `attached ${attached}`,
  `usersOf ${attached}`,
  `rulesAt ${attached}`,
]
const ran = ({ work }: Round): readonly string[] => work.map(({ collection, key }) => `${collection} ${key}`)

describe('among fifty rules of a fleet with proxies', () => {
  let plane: PlaneGraph
  const set = (...records: readonly KeyedRecord[]): Round =>
    plane.graph.transaction((setter) => {
      const inputs: Readonly<Record<string, Input<unknown>>> = plane.records
      for (const { key, record } of records) {
        const input = inputs[kindOf(key)]
        if (input !== undefined) setter.set<unknown>(input, key, record.value)
      }
    })
  const connect = (): Round => plane.graph.transaction((setter) => setter.set(plane.connected, fleet, true))

  beforeEach(() => {
    const openKey = ({ box }: { readonly box: Uint8Array }): string => Buffer.from(box).toString()
    plane = createPlaneGraph({ openKey, address: '0.0.0.0', trial: { freeze: true, twice: true } })
    set(...all)
    connect()
  })

  it('an edit of one encodes it, its virtual host and its table', () => {
    const round = set(rule('web-7', [attachment(http, 'h7.com')], { backends: [to('a', 5), to('b')] }))
    expect(ran(round)).toEqual([
      ...filing,
      `routes ${attached}`,
      `routesAt ${attached}`,
      'virtualHosts test/80/h7.com',
      'virtualHostsIn test/80/h7.com',
      'tables test/80/83',
      'hostScopes test/80/h7.com',
    ])
    // Of one listener, one rule, one virtual host: no list is as long as the fleet.
    expect(round.reads).toBeLessThan(10)
  })

  it('an EndpointSlice runs the assignment of its backend', () => {
    expect(ran(set(...service('a', [1002]).slice(1)))).toEqual([
      'slicesOf endpoints/default/a-0',
      'assignments test/backend/Service/default/a/80/',
    ])
  })

  it('a certificate that is renewed runs its secret, and the listener that looks whether it has one', () => {
    const round = set(certificate('foo', pairs.two))
    expect(ran(round)).toEqual(['secrets test/certificate/default/foo', 'listeners test/443'])
    expect(round.deltas(plane.outputs.listener)).toEqual([])
  })

  it('a backend that nobody uses runs nothing', () => {
    expect(ran(set(...service('c', [1003])))).toEqual(['slicesOf endpoints/default/c-0'])
  })

  it('a fleet without proxies runs what files its records, and nothing that is sent', () => {
    plane.graph.transaction((setter) => setter.delete(plane.connected, fleet))
    expect(ran(set(rule('web-7', [attachment(http, 'h7.com')], { backends: [to('a', 5), to('b')] })))).toEqual([
      ...filing,
      `routes ${attached}`,
    ])
    expect(Object.values(plane.outputs).map((output) => plane.graph.values(output).size)).toEqual([0, 0, 0, 0, 0, 0])
  })
})
