// What a real Envoy counts, asked for as Prometheus asks: at the port for those outside, from where nothing else of its
// admin interface is reached.
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { exchange, freePorts, until } from '@penstock/testkit'
import { attachment, listener, rule, service, to } from './records.ts'
import { startRig } from './rig.ts'

jest.setTimeout(60_000)

const counted = /^envoy_cluster_upstream_rq_xx\{envoy_response_code_class="5",envoy_cluster_name="backend[^}]*\} 1$/m
let stack: AsyncDisposableStack
beforeEach(() => {
  stack = new AsyncDisposableStack()
})
afterEach(async () => stack.disposeAsync())

it('counts requests by backend, for who asks at the port of its probes', async () => {
  const [port = 0, readyPort = 0, adminPort = 0] = await freePorts(3)
  const http = listener('http', { port })
  const records = [http, rule('all', [attachment(http, '')], { backends: [to('backend')] }), ...service('backend', [9])]
  stack.use(await startRig(records, { bootstrap: { adminPort, readyPort } }))
  expect(await exchange({ port, path: '/' })).toMatchObject({ status: 503 })
  await until('the request is counted', async () => {
    const { status, body } = await exchange({ port: readyPort, path: '/metrics?usedonly=' })
    return status === 200 && counted.test(body)
  })
  // What is asked for with a query costs the one thread that configures the proxy.
  expect(await exchange({ port: readyPort, path: '/metrics' })).toMatchObject({ status: 200 })
  const queries = ['/metrics?filter=(a*)*b', '/metrics?usedonly&filter=a', '/metrics?format=json']
  for (const path of [...queries, '/stats', '/config_dump', '/metrics/x', '/quitquitquit']) {
    expect(await exchange({ port: readyPort, path })).toMatchObject({ status: 404 })
  }
})
