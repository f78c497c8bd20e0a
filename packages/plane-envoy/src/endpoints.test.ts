import { describe, expect, it } from '@jest/globals'
import type { Endpoint, Endpoints } from '@penstock/ir'
import { emitLoadAssignment } from './endpoints.ts'
import { ClusterLoadAssignment } from './gen/envoy/config/endpoint/v3/endpoint.ts'

const endpoint = (address: string, conditions: Partial<Endpoint> = {}): Endpoint => ({
  ...{ addresses: [address], ready: true, serving: true, terminating: false, zone: '', node: '' },
  ...conditions,
})

const slice = (endpoints: Endpoint[], more: Partial<Endpoints> = {}): Endpoints => ({
  ...{ namespace: 'default', name: 'web-1', service: 'web', addressType: 'IPv4', endpoints },
  ports: [
    { name: 'http', port: 8080, protocol: 'TCP' },
    { name: 'admin', port: 9090, protocol: 'TCP' },
  ],
  ...more,
})

const ending = { ready: false, terminating: true }

function addressesOf(slices: Endpoints[], portName = 'http'): string[] {
  const { endpoints = [] } = ClusterLoadAssignment.decode(emitLoadAssignment('web', slices, portName).body)
  return endpoints.flatMap(({ lbEndpoints = [] }) =>
    lbEndpoints.map(({ hostIdentifier }) => {
      if (hostIdentifier?.$case !== 'endpoint') throw new Error('no endpoint')
      const address = hostIdentifier.value.address?.address
      if (address?.$case !== 'socketAddress') throw new Error('no socket address')
      return `${address.value.address} ${address.value.portSpecifier?.value}`
    }),
  )
}

describe('an assignment', () => {
  it.each([
    ['ready ones', [slice([endpoint('10.0.0.2'), endpoint('10.0.0.1')])], ['10.0.0.1 8080', '10.0.0.2 8080']],
    ['ready ones only', [slice([endpoint('10.0.0.1'), endpoint('10.0.0.2', { ready: false })])], ['10.0.0.1 8080']],
    ['those that still serve, where none is ready', [slice([endpoint('10.0.0.1', ending)])], ['10.0.0.1 8080']],
    [
      'ready ones of another slice before those that end',
      [slice([endpoint('10.0.0.1', ending)]), slice([endpoint('10.0.0.2')])],
      ['10.0.0.2 8080'],
    ],
    ['none that has stopped to serve', [slice([endpoint('10.0.0.1', { ...ending, serving: false })])], []],
    ['one of two equal addresses', [slice([endpoint('10.0.0.1')]), slice([endpoint('10.0.0.1')])], ['10.0.0.1 8080']],
    ['IPv6 addresses', [slice([endpoint('fd00::1')], { addressType: 'IPv6' })], ['fd00::1 8080']],
    ['no names', [slice([endpoint('web.example.com')], { addressType: 'FQDN' })], []],
    ['nothing without slices', [], []],
  ])('holds %s', (_, slices, expected) => {
    expect(addressesOf(slices)).toEqual(expected)
  })

  it('takes the port by its name', () => {
    expect(addressesOf([slice([endpoint('10.0.0.1')])], 'admin')).toEqual(['10.0.0.1 9090'])
    expect(addressesOf([slice([endpoint('10.0.0.1')])], 'metrics')).toEqual([])
  })
})
