import { describe, expect, it } from '@jest/globals'
import type { GatewayParameters, SaidParameters } from './gateway-config.ts'
import { forOtherPlane, gatewayParameters, mergeParameters } from './gateway-config.ts'
import { proxyParameters } from './proxy-parameters.ts'

const said = (by: string, spec: GatewayParameters): SaidParameters => ({ by, said: spec })
const merged = (ofClass: GatewayParameters, own: GatewayParameters) =>
  mergeParameters([said('class', ofClass), said('own', own)])

describe('GatewayConfigs of a class and of a Gateway', () => {
  it.each<[string, GatewayParameters, GatewayParameters, GatewayParameters]>([
    ['a field wins over its like', { image: 'a', replicas: 2 }, { image: 'b' }, { image: 'b', replicas: 2 }],
    [
      'an object is merged, however deep',
      { resources: { limits: { cpu: 1, memory: '1Gi' } } },
      { resources: { limits: { cpu: 2 }, requests: { cpu: 1 } } },
      { resources: { limits: { cpu: 2, memory: '1Gi' }, requests: { cpu: 1 } } },
    ],
    [
      "so is Kubernetes' own",
      { pod: { affinity: { nodeAffinity: { a: 1 }, podAffinity: { b: [1] } } } },
      { pod: { affinity: { podAffinity: { b: [2], c: 3 } } } },
      { pod: { affinity: { nodeAffinity: { a: 1 }, podAffinity: { b: [2], c: 3 } } } },
    ],
    [
      'a map by key',
      { pod: { labels: { a: '1', b: '1' } } },
      { pod: { labels: { b: '2' } } },
      { pod: { labels: { a: '1', b: '2' } } },
    ],
    [
      'a list is replaced, by an empty one too',
      { accessLogs: [{}, {}], pod: { tolerations: [{ key: 'a' }] } },
      { accessLogs: [], pod: { tolerations: [{ key: 'b' }] } },
      { accessLogs: [], pod: { tolerations: [{ key: 'b' }] } },
    ],
    ['a zero is a word', { replicas: 2 }, { replicas: 0 }, { replicas: 0 }],
    [
      'a null of a patch goes on',
      { bootstrap: { a: { b: 1 }, c: 1 } },
      { bootstrap: { a: null } },
      { bootstrap: { a: null, c: 1 } },
    ],
    [
      'a name that every object inherits is none of theirs',
      { pod: { labels: {} } },
      { pod: { labels: { constructor: 'x' } } },
      { pod: { labels: { constructor: 'x' } } },
    ],
  ])('are merged: %s', (_, ofClass, own, expected) => {
    expect(merged(ofClass, own).spec).toEqual(expected)
  })

  it('are told apart by whose word stands where', () => {
    const { sayerOf } = merged({ replicas: 1, pod: { labels: { a: '1' } } }, { pod: { annotations: { b: '1' } } })
    expect(['replicas', 'pod', 'pod.labels.a', 'pod.annotations', 'image'].map(sayerOf)).toEqual([
      ...['class', 'own', 'class', 'own', 'Penstock'],
    ])
  })

  it('are read without nulls, but for patches', () => {
    const spec = { image: null, pod: { affinity: { nodeAffinity: null, list: [{ a: null }] } }, bootstrap: { a: null } }
    const config = { apiVersion: '', kind: 'GatewayConfig' as const, metadata: {} as never, spec: spec as never }
    expect(gatewayParameters(config)).toEqual({
      pod: { affinity: { list: [{}] } },
      bootstrap: { a: null },
    })
  })

  it('keep for a Gateway of another plane what is not in the words of the first', () => {
    const spec: GatewayParameters = {
      ...{ plane: 'Envoy', image: 'envoy:1', replicas: 2, accessLogs: [{}], bootstrap: {}, overlays: [] },
      logging: { level: 'info', components: { upstream: 'debug' } },
    }
    expect(forOtherPlane(said('class', spec)).said).toEqual({ replicas: 2, logging: { level: 'info' } })
  })
})

describe('what must run', () => {
  it('has nothing set where nothing is said', () => {
    expect(proxyParameters({})).toEqual({
      ...{ image: '', workload: '', resourcesJson: '', bootstrapJson: '', overlays: [] },
    })
  })

  it.each<[string, GatewayParameters, object]>([
    ['replicas', { workload: 'Deployment', replicas: 0 }, { workload: 'Deployment', replicas: 0 }],
    [
      'autoscaling, from one proxy on',
      { autoscaling: { maxReplicas: 3, targetCPUUtilizationPercentage: 60 } },
      { autoscaling: { minReplicas: 1, maxReplicas: 3, targetCpuPercent: 60 } },
    ],
    ['a budget as text', { disruptionBudget: { minAvailable: 1 } }, { disruptionBudget: { minAvailable: '1' } }],
    ['a share', { disruptionBudget: { maxUnavailable: '50%' } }, { disruptionBudget: { maxUnavailable: '50%' } }],
    [
      'texts with sorted keys',
      { resources: { requests: { memory: '1Gi', cpu: 1 } }, bootstrap: { b: null, a: [{ d: 1, c: 2 }] } },
      {
        resourcesJson: '{"requests":{"cpu":1,"memory":"1Gi"}}',
        bootstrapJson: '{"a":[{"c":2,"d":1}],"b":null}',
      },
    ],
    [
      'the pod, in its parts',
      {
        pod: {
          labels: { b: '1', a: '2' },
          securityContext: { fsGroup: 1 },
          containerSecurityContext: { runAsUser: 1 },
        },
      },
      {
        pod: {
          ...{ labels: { a: '2', b: '1' }, annotations: {}, nodeSelector: {} },
          ...{ specJson: '{"securityContext":{"fsGroup":1}}', containerSecurityContextJson: '{"runAsUser":1}' },
        },
      },
    ],
    [
      'the Service',
      { service: { type: 'NodePort', annotations: { a: 'b' }, externalTrafficPolicy: 'Local' } },
      {
        service: {
          ...{ type: 'NodePort', labels: {}, annotations: { a: 'b' } },
          specJson: '{"externalTrafficPolicy":"Local"}',
        },
      },
    ],
    [
      'overlays, in order',
      {
        overlays: [
          { kind: 'Service', patch: { b: 1, a: null } },
          { kind: 'ConfigMap', patch: {} },
        ],
      },
      {
        overlays: [
          { kind: 'Service', patchJson: '{"a":null,"b":1}' },
          { kind: 'ConfigMap', patchJson: '' },
        ],
      },
    ],
    [
      'what is logged, with the port of collectors',
      { accessLogs: [{}, { text: 'x', file: '/a' }, { fields: { a: 'b' }, openTelemetry: { host: 'c' } }] },
      {
        telemetry: {
          accessLogs: [
            {},
            { format: { $case: 'text', value: 'x' }, sink: { $case: 'file', value: '/a' } },
            {
              format: { $case: 'fields', value: { values: { a: 'b' } } },
              sink: { $case: 'openTelemetry', value: { host: 'c', port: 4317 } },
            },
          ],
        },
      },
    ],
    [
      'traces, of every request',
      { tracing: { openTelemetry: { host: 'c', port: 1 }, tags: { b: '1', a: '2' } } },
      {
        telemetry: {
          accessLogs: [],
          tracing: {
            ...{ endpoint: { host: 'c', port: 1 }, samplingPercent: 100, serviceName: '' },
            tags: { a: '2', b: '1' },
          },
        },
      },
    ],
  ])('says %s', (_, spec, expected) => {
    expect(proxyParameters(spec)).toMatchObject(expected)
  })

  it('is equal text, whoever wrote it in which order', () => {
    const one = proxyParameters({ pod: { labels: { a: '1', b: '2' }, affinity: { x: 1, y: { v: 1, w: 2 } } } })
    const other = proxyParameters({ pod: { affinity: { y: { w: 2, v: 1 }, x: 1 }, labels: { b: '2', a: '1' } } })
    expect(JSON.stringify(one)).toBe(JSON.stringify(other))
  })
})
