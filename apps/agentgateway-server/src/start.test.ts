import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { basics, type DeliveryRig, type LogLine, rule, startDeliveryRig } from '@penstock/delivery/rig'
import { type Endpoints, endpointsKey, type IrRecord } from '@penstock/ir'
import { agentgatewayTypes } from '@penstock/plane-agentgateway'
import { until } from '@penstock/testkit'
import type { DeltaClient, DeltaClientOptions } from '@penstock/xds'
import { type AgentgatewayService, startAgentgatewayServer } from './start.ts'

const { address, resource } = agentgatewayTypes
const fleet = 'default~gateway'

type Keyed = readonly [key: string, record: IrRecord]

/** The same records for a fleet of this plane. */
const moved = (records: readonly Keyed[]): Keyed[] =>
  JSON.parse(
    JSON.stringify(records)
      .replaceAll('"local"', `"${fleet}"`)
      .replaceAll('fleet/local', `fleet/${fleet}`)
      .replaceAll('"envoy"', '"agentgateway"'),
  ) as Keyed[]

let rig: DeliveryRig<AgentgatewayService>
beforeEach(() => start(''))
afterEach(async () => {
  await rig[Symbol.asyncDispose]()
})

async function start(all: string): Promise<void> {
  rig = await startDeliveryRig({
    service: 'agentgateway-server',
    start: ({ config, ...parts }) => startAgentgatewayServer({ ...parts, config: { ...config, fleet: all } }),
  })
}

/** As the proxy does: both types, everything, and no cluster. */
function proxy(metadata: Record<string, string>, more: Partial<DeltaClientOptions> = {}): DeltaClient {
  const client = rig.proxy('p', { node: { id: `agentgateway~${metadata['NAME']}`, metadata }, ...more })
  client.subscribe(address)
  client.subscribe(resource)
  return client
}

function endpoints(...addresses: string[]): Keyed {
  const ready = { ready: true, serving: true, terminating: false, zone: '', node: '' }
  const value: Endpoints = {
    source: {
      group: 'discovery.k8s.io',
      kind: 'EndpointSlice',
      namespace: 'default',
      name: 'a-1',
      uid: '',
      generation: 1,
    },
    ...{ namespace: 'default', name: 'a-1', service: 'a', addressType: 'IPv4' },
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: addresses.map((address) => ({ addresses: [address], ...ready })),
  }
  return [endpointsKey(value), { kind: 'endpoints', value }]
}

const pod = (name: string): Record<string, string> => ({
  ...{ role: fleet, NAME: name, NAMESPACE: 'default', INSTANCE_IPS: '10.0.0.7', NODE_NAME: 'n1' },
})
const told = (event: string): LogLine[] => rig.lines.filter((line) => line.event === event)
const names = (client: DeltaClient, type: string): string[] => [...client.held(type).keys()].sort()
const rejections = () =>
  rig.feedback.get(`${fleet}/agentgateway-server.x1`)?.proxies.flatMap((one) => one.rejections) ?? []

describe('a proxy', () => {
  it('gets both types for the Gateway that its role names, and is told live', async () => {
    await rig.commit(...moved(basics))
    const client = proxy({ role: fleet })
    await client.until(() => names(client, resource).length >= 3)
    expect(names(client, resource).map((name) => name.split('/')[0])).toEqual(['bind', 'listener', 'route'])
    expect(names(client, address)).toEqual(['default/a.default.svc.cluster.local'])
    await rig.commit(...moved([rule('bar', '/')]))
    await until('the route is live', () => told('live').some(({ name }) => name === 'bar'))
  })

  it('is answered for both types where there is nothing for it', async () => {
    await rig.commit(...moved(basics))
    const client = proxy({ role: 'default~unknown' })
    await client.until(() => client.responses.length === 2)
    expect(client.responses.map(({ resources }) => resources)).toEqual([[], []])
  })

  it('is refused without a role', async () => {
    await rig.commit(...moved(basics))
    const client = proxy({ role: 'gateway' })
    await client.until(() => client.ended !== undefined)
    expect(client.ended?.details).toContain('no fleet for node')
  })

  it('is of the one fleet there is, whatever it says, where that is set', async () => {
    await rig[Symbol.asyncDispose]()
    await start(fleet)
    await rig.commit(...moved(basics))
    const client = proxy({ role: 'anything~else' })
    await client.until(() => names(client, resource).length >= 3)
  })

  it('finds itself among the workloads while it is there', async () => {
    await rig.commit(...moved(basics))
    const own = (name: string): string => `Kubernetes//Pod/default/${name}`
    const first = proxy(pod('gw-1'))
    await first.until(() => names(first, address).includes(own('gw-1')))
    const second = proxy(pod('gw-2'))
    await second.until(() => names(second, address).includes(own('gw-2')))
    second.disconnect()
    await first.until(
      () =>
        names(first, address).join() === ['Kubernetes//Pod/default/gw-1', 'default/a.default.svc.cluster.local'].join(),
      40_000,
    )
  })

  it('loses a pod at once, while the Service stays', async () => {
    await rig.commit(...moved(basics), endpoints('10.0.0.1', '10.0.0.2'))
    const client = proxy({ role: fleet })
    const pods = (): string[] => names(client, address).flatMap((name) => name.split('/a/')[1] ?? [])
    await client.until(() => pods().join() === '10.0.0.1,10.0.0.2')
    const askedAtMs = performance.now()
    await rig.commit(endpoints('10.0.0.2', '10.0.0.3'))
    await client.until(() => pods().join() === '10.0.0.2,10.0.0.3')
    // What requests under way may need stays for 10 s.
    expect(performance.now() - askedAtMs).toBeLessThan(9_500)
  })

  it('says of each resource why it did not take it, and goes on with the others', async () => {
    await rig.commit(...moved(basics))
    const bad = 'foo'
    const client = proxy(
      { role: fleet },
      {
        judge({ resources }) {
          const guilty = resources.filter(({ name }) => name.startsWith('route/') && name.includes(bad))
          const complaints = guilty.map(({ name: key }) => ({ key, error: 'no such thing' }))
          return complaints.length === 0 ? undefined : JSON.stringify(complaints)
        },
      },
    )
    await until('the refusal is known', () => rejections().length === 1)
    const [refusal] = rejections()
    expect(refusal?.message).toBe('no such thing')
    expect(refusal?.sources).toEqual([expect.objectContaining({ kind: 'HTTPRoute', name: bad })])
    expect(client.responses.filter(({ typeUrl }) => typeUrl === resource)).toHaveLength(1)
    await rig.commit(...moved([rule('bar', '/')]))
    await until('its neighbour is live', () => told('live').some(({ name }) => name === 'bar'))
  })
})

describe('a proxy that comes back', () => {
  it('is sent nothing that it has, and loses what is gone', async () => {
    await rig.commit(...moved(basics))
    const client = proxy({ role: fleet })
    await client.until(() => names(client, resource).length >= 3)
    client.disconnect()
    await until('it is gone', () => rig.feedback.get(`${fleet}/agentgateway-server.x1`)?.proxies.length === 0)
    const [key] = rule('foo', '/')
    const before = client.responses.length
    await rig.commit([key, undefined])
    client.connect()
    await client.until(() => !names(client, resource).some((name) => name.startsWith('route/')))
    const after = client.responses.slice(before)
    expect(after.flatMap(({ resources }) => resources)).toEqual([])
    expect(after.flatMap(({ removed }) => removed)).toHaveLength(1)
  })
})
