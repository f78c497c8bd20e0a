import { describe, expect, it } from '@jest/globals'
import type { Endpoint, Endpoints } from '@penstock/ir'
import { emitWorkload, type Member, membersOf } from './endpoints.ts'
import { Address } from './gen/agentgateway/workload.ts'

const endpoint = (address: string, conditions: Partial<Endpoint> = {}): Endpoint => ({
  ...{ addresses: [address], ready: true, serving: true, terminating: false, zone: '', node: '' },
  ...conditions,
})

const slice = (endpoints: Endpoint[], more: Partial<Endpoints> = {}) => {
  const value: Endpoints = {
    ...{ source: undefined, namespace: 'default', name: 'web-1', service: 'web', addressType: 'IPv4', endpoints },
    ports: [
      { name: 'http', port: 8080, protocol: 'TCP' },
      { name: 'admin', port: 9090, protocol: 'TCP' },
    ],
    ...more,
  }
  return { key: `endpoints/default/${value.name}`, value }
}

const ending = { ready: false, terminating: true }
const shown = ({ address, isHealthy, ports }: Member): string =>
  `${address} ${isHealthy ? 'healthy' : 'unhealthy'} ${ports.map((pair) => pair.join('>')).join(' ')}`

describe('the members of a service', () => {
  it.each([
    [
      'in order',
      [slice([endpoint('10.0.0.2'), endpoint('10.0.0.1')])],
      ['10.0.0.1 healthy 80>8080', '10.0.0.2 healthy 80>8080'],
    ],
    [
      'ready ones and others',
      [slice([endpoint('10.0.0.1'), endpoint('10.0.0.2', { ready: false })])],
      ['10.0.0.1 healthy 80>8080', '10.0.0.2 unhealthy 80>8080'],
    ],
    [
      'those that still serve, where none is ready',
      [slice([endpoint('10.0.0.1', ending)])],
      ['10.0.0.1 healthy 80>8080'],
    ],
    [
      'ready ones of another slice before those that end',
      [slice([endpoint('10.0.0.1', ending)]), slice([endpoint('10.0.0.2')], { name: 'web-2' })],
      ['10.0.0.1 unhealthy 80>8080', '10.0.0.2 healthy 80>8080'],
    ],
    [
      'none that has stopped to serve',
      [slice([endpoint('10.0.0.1', { ...ending, serving: false })])],
      ['10.0.0.1 unhealthy 80>8080'],
    ],
    [
      'one of two equal addresses, healthy if either is',
      [slice([endpoint('10.0.0.1', { ready: false })]), slice([endpoint('10.0.0.1')], { name: 'web-2' })],
      ['10.0.0.1 healthy 80>8080'],
    ],
    ['no names', [slice([endpoint('web.example.com')], { addressType: 'FQDN' })], []],
    ['nothing without slices', [], []],
  ])('are %s', (_, slices, expected) => {
    expect(membersOf(slices, [{ port: 80, name: 'http' }]).map(shown)).toEqual(expected)
  })

  it('have the ports that are used, by their names', () => {
    const slices = [slice([endpoint('10.0.0.1')])]
    const both = [
      { port: 443, name: 'admin' },
      { port: 80, name: 'http' },
    ]
    expect(membersOf(slices, both).map(shown)).toEqual(['10.0.0.1 healthy 80>8080 443>9090'])
    expect(membersOf(slices, [{ port: 80, name: 'metrics' }])).toEqual([])
  })

  it('name the slices that have them', () => {
    const slices = [slice([endpoint('10.0.0.1')]), slice([endpoint('10.0.0.1')], { name: 'web-2' })]
    const [member] = membersOf(slices, [{ port: 80, name: 'http' }])
    expect(member?.slices).toEqual(['endpoints/default/web-1', 'endpoints/default/web-2'])
  })
})

describe('a workload', () => {
  const [member] = membersOf([slice([endpoint('10.0.0.1', { zone: 'a', node: 'n1' })])], [{ port: 80, name: 'http' }])
  const decoded = (one: Member): object | undefined => Address.decode(emitWorkload(one).body).type

  // Table "Endpoint discovery": a service is joined by <namespace>/<hostname>, addresses are bytes without a port.
  it('has an address, joins its service, and says where it is', () => {
    expect(decoded(member as Member)).toMatchObject({
      $case: 'workload',
      value: {
        uid: 'Kubernetes/discovery.k8s.io/EndpointSlice/default/web/10.0.0.1',
        namespace: 'default',
        addresses: [Uint8Array.from([10, 0, 0, 1])],
        node: 'n1',
        status: 0,
        services: { 'default/web.default.svc.cluster.local': { ports: [{ servicePort: 80, targetPort: 8080 }] } },
        locality: { zone: 'a' },
      },
    })
  })

  it('says that it takes nothing', () => {
    expect(decoded({ ...(member as Member), isHealthy: false })).toMatchObject({ value: { status: 1 } })
  })
})
