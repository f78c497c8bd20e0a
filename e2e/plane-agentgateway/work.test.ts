// Law 5 on the plane's graph: what an edit makes run, as an exact list. A line more here is a cost for every proxy.
import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Input, Round } from '@penstock/incremental'
import { kindOf } from '@penstock/ir'
import { createPlaneGraph, type PlaneGraph } from '@penstock/plane-agentgateway/graph'
import { certificate, pairs } from '../plane-envoy/certificates.ts'
import { attachment, fleet, type KeyedRecord, listener, rule, service, to } from '../plane-envoy/records.ts'

const http = listener('http', { port: 80 })
const https = listener('https', { port: 443, hostname: 'foo.example.com', certificate: 'foo' })
const many = Array.from({ length: 50 }, (_, at) =>
  rule(`web-${at}`, [attachment(http, `h${at}.com`)], { backends: [to('a'), to('b')] }),
)
const all = [http, https, ...many, ...service('a', [1000]), ...service('b', [1001]), certificate('foo', pairs.one)]

const route = 'test/route/web-7/HTTPRoute/default/gateway/http/80'
/** What every edit of the rule runs, whether or not its fleet has proxies. */
const filing = ['attached http_rule/HTTPRoute/default/web-7/#0', `served ${route}`]
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
    plane = createPlaneGraph({ openKey, trial: { freeze: true, twice: true } })
    set(...all)
    connect()
  })

  it('an edit of one encodes it and nothing else', () => {
    const round = set(rule('web-7', [attachment(http, 'h7.com')], { backends: [to('a', 5), to('b')] }))
    expect(ran(round)).toEqual([...filing, `usersOf ${route}`, `unavailableShares ${route}`, `routes ${route}`])
    // No list is as long as the fleet.
    expect(round.reads).toBe(0)
  })

  it('an EndpointSlice runs the members of its service, and encodes those that changed', () => {
    expect(ran(set(...service('a', [1002]).slice(1)))).toEqual([
      'slicesOf endpoints/default/a-0',
      'members test/default/a',
      'eachMember test/default/a',
      'workloads test/Kubernetes/discovery.k8s.io/EndpointSlice/default/a/127.0.0.1',
    ])
  })

  it('a certificate that is renewed runs its listener', () => {
    expect(ran(set(certificate('foo', pairs.two)))).toEqual(['listeners test/listener/default/gateway/https/443'])
  })

  it('runs nothing more than the filing of a rule once its proxies are gone', () => {
    plane.graph.transaction((setter) => setter.delete(plane.connected, fleet))
    const round = set(rule('web-7', [attachment(http, 'h7.com')], { backends: [to('a', 5)] }))
    expect(ran(round)).toEqual(filing)
  })
})
