import { describe, expect, it } from '@jest/globals'
import type { ApiObject } from '@penstock/kube'
import { addressesOf, replicasOf } from './object-status.ts'

const object = (kind: string, spec: object, status: object = {}): ApiObject => ({
  ...{ apiVersion: 'v1', kind, spec, status },
  metadata: { name: 'a', uid: 'u', resourceVersion: '1', generation: 2, creationTimestamp: '' },
})

describe('addressesOf', () => {
  const ingress = [{ ip: '192.0.2.1' }, { hostname: 'lb.example' }]
  it.each<[string, object, object, string[]]>([
    [
      'a LoadBalancer has what it was given',
      { type: 'LoadBalancer', clusterIPs: ['10.0.0.1'] },
      { loadBalancer: { ingress } },
      ['192.0.2.1', 'lb.example'],
    ],
    ['or nothing yet', { type: 'LoadBalancer', clusterIPs: ['10.0.0.1'] }, {}, []],
    [
      'a ClusterIP has its own',
      { type: 'ClusterIP', clusterIPs: ['10.0.0.1', 'fd00::1'] },
      { loadBalancer: { ingress } },
      ['10.0.0.1', 'fd00::1'],
    ],
    ['a NodePort too', { type: 'NodePort', clusterIPs: ['10.0.0.1'] }, {}, ['10.0.0.1']],
    ['a headless one none', { type: 'ClusterIP', clusterIPs: ['None'] }, {}, []],
    [
      'what an overlay adds',
      { type: 'ClusterIP', clusterIPs: ['10.0.0.1'], externalIPs: ['192.0.2.9'] },
      {},
      ['10.0.0.1', '192.0.2.9'],
    ],
  ])('%s', (_, spec, status, addresses) => {
    expect(addressesOf(object('Service', spec, status)).map(({ value }) => value)).toEqual(addresses)
  })

  it('tells names from addresses', () => {
    const status = { loadBalancer: { ingress } }
    expect(addressesOf(object('Service', { type: 'LoadBalancer' }, status)).map(({ type }) => type)).toEqual([
      'IPAddress',
      'Hostname',
    ])
  })
})

describe('replicasOf', () => {
  it.each<[string, string, object, object, object]>([
    [
      'unseen',
      'Deployment',
      { replicas: 1 },
      { observedGeneration: 1, readyReplicas: 1, updatedReplicas: 1 },
      { wanted: 1, ready: 1, complete: false },
    ],
    [
      'half',
      'Deployment',
      { replicas: 2 },
      { observedGeneration: 2, readyReplicas: 1, updatedReplicas: 2 },
      { wanted: 2, ready: 1, complete: false },
    ],
    [
      'old pods',
      'Deployment',
      { replicas: 2 },
      { observedGeneration: 2, readyReplicas: 2, updatedReplicas: 1 },
      { wanted: 2, ready: 2, complete: false },
    ],
    [
      'whole',
      'Deployment',
      { replicas: 2 },
      { observedGeneration: 2, readyReplicas: 2, updatedReplicas: 2 },
      { wanted: 2, ready: 2, complete: true },
    ],
    ['none by wish', 'Deployment', { replicas: 0 }, { observedGeneration: 2 }, { wanted: 0, ready: 0, complete: true }],
    [
      'whole',
      'DaemonSet',
      {},
      { observedGeneration: 2, desiredNumberScheduled: 3, numberReady: 3, updatedNumberScheduled: 3 },
      { wanted: 3, ready: 3, complete: true },
    ],
    ['on no node', 'DaemonSet', {}, { observedGeneration: 2 }, { wanted: 0, ready: 0, complete: false }],
    ['another kind', 'Service', {}, {}, { wanted: 0, ready: 0, complete: false }],
  ])('%s, of a %s', (_, kind, spec, status, replicas) => {
    expect(replicasOf(object(kind, spec, status))).toEqual(replicas)
  })
})
