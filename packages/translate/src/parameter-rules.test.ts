import { describe, expect, it } from '@jest/globals'
import type { GatewayParameters } from './gateway-config.ts'
import { mergeParameters } from './gateway-config.ts'
import { parameterProblems } from './parameter-rules.ts'
import {
  capabilities,
  createRig,
  everyPlane,
  gateway,
  gatewayClass,
  http,
  httpRoute,
  type Rig,
  resource,
  service,
  to,
} from './rig.test-data.ts'

const lesser: typeof capabilities = {
  ...capabilities,
  proxies: {
    accessLogs: {
      ...capabilities.proxies.accessLogs,
      formats: new Set(['fields']),
      sinks: new Map([['standardOutput', 1]]),
    },
    tracing: new Set(['samplingPercent']),
    ownBootstrap: [],
  },
}

const told = (ofClass: GatewayParameters, own: GatewayParameters, plane: 'envoy' | 'agentgateway' = 'envoy') => {
  const layers = [
    { by: 'GatewayConfig infra/all', said: ofClass },
    { by: 'GatewayConfig default/mine', said: own },
  ]
  const all = { ...everyPlane(capabilities), agentgateway: lesser }
  return parameterProblems(mergeParameters(layers), plane, all).map(({ message }) => message)
}

const all = 'GatewayConfig infra/all'
const mine = 'GatewayConfig default/mine'

describe('what GatewayConfigs come to', () => {
  it.each<[GatewayParameters, GatewayParameters, string]>([
    [
      { replicas: 2 },
      { workload: 'DaemonSet' },
      `${mine} sets workload, and ${all} sets replicas: a DaemonSet has one pod on each node.`,
    ],
    [
      { workload: 'DaemonSet' },
      { autoscaling: { maxReplicas: 2 } },
      `${all} sets workload, and ${mine} sets autoscaling: a DaemonSet has one pod on each node.`,
    ],
    [
      { autoscaling: { maxReplicas: 2 } },
      { replicas: 2 },
      `${mine} sets replicas, and ${all} sets autoscaling: the number of proxies is either given or found.`,
    ],
    [
      { autoscaling: { maxReplicas: 2 } },
      { autoscaling: { minReplicas: 3 } },
      `${mine} sets autoscaling.minReplicas, and ${all} sets autoscaling.maxReplicas: the first must not be more than the second.`,
    ],
    [
      { disruptionBudget: { minAvailable: 1 } },
      { disruptionBudget: { maxUnavailable: 1 } },
      `${all} sets disruptionBudget.minAvailable, and ${mine} sets disruptionBudget.maxUnavailable: a budget has one of the two.`,
    ],
    [
      { pod: { terminationGracePeriodSeconds: 30 } },
      { drainSeconds: 30 },
      `${mine} sets drainSeconds, and ${all} sets pod.terminationGracePeriodSeconds: the second must be more than the first, or proxies are killed while they drain.`,
    ],
    [
      { service: { externalTrafficPolicy: 'Local' } },
      { service: { type: 'ClusterIP' } },
      `${mine} sets service.type, and ${all} sets service.externalTrafficPolicy: a Service of type ClusterIP has no such policy.`,
    ],
    [
      { service: { loadBalancerClass: 'a' } },
      { service: { type: 'NodePort' } },
      `${mine} sets service.type, and ${all} sets service.loadBalancerClass: it is for the type LoadBalancer alone.`,
    ],
    [{}, { autoscaling: { minReplicas: 2 } }, `${mine} sets autoscaling, and nobody sets autoscaling.maxReplicas.`],
    [{ tracing: {} }, {}, `${all} sets tracing, and nobody sets tracing.openTelemetry.host.`],
    [
      { pod: { terminationGracePeriodSeconds: 30 } },
      {},
      `Penstock sets drainSeconds, and ${all} sets pod.terminationGracePeriodSeconds: the second must be more than the first, or proxies are killed while they drain.`,
    ],
    // From objects that nobody judged.
    [
      {},
      { replicas: 1, workload: 'DaemonSet' },
      `${mine} sets workload and replicas: a DaemonSet has one pod on each node.`,
    ],
  ])('cannot be %j under %j', (ofClass, own, message) => {
    expect(told(ofClass, own)).toEqual([message])
  })

  it.each<[GatewayParameters, GatewayParameters]>([
    [{ workload: 'DaemonSet' }, { workload: 'Deployment', replicas: 2 }],
    [{ autoscaling: { maxReplicas: 2 } }, { autoscaling: { minReplicas: 2 } }],
    [{ tracing: { openTelemetry: { host: 'a' } } }, { tracing: { samplingPercent: 0 } }],
    [{ service: { type: 'NodePort' } }, { service: { externalTrafficPolicy: 'Local' } }],
    [{ drainSeconds: 30 }, { pod: { terminationGracePeriodSeconds: 31 } }],
  ])('can be %j under %j', (ofClass, own) => {
    expect(told(ofClass, own)).toEqual([])
  })

  it.each<[GatewayParameters, string[]]>([
    [{ logging: { components: { http: 'debug' } } }, []],
    [
      { logging: { components: { nothing: 'debug' } } },
      [`${mine} sets logging.components.nothing, but Envoy has no such component.`],
    ],
    [
      { logging: { components: { 'no.thing': 'debug' } } },
      [`${mine} sets logging.components.no.thing, but Envoy has no such component.`],
    ],
    [{ accessLogs: [{}, {}, {}, {}] }, [`${mine} sets 4 accessLogs to standard output, but Envoy can have 3.`]],
    [
      { accessLogs: [{}, { text: 'who?' }, { fields: { a: 'b', c: 'd?' } }] },
      [
        `${mine} sets accessLogs[1].text, which Envoy cannot read: it asks.`,
        `${mine} sets accessLogs[2].fields.c, which Envoy cannot read: it asks.`,
      ],
    ],
    [
      { bootstrap: { node: { id: 'x', metadata: {} }, staticResources: { clusters: [] } } },
      [
        `${mine} sets node.id in bootstrap, which is Penstock's alone to say.`,
        `${mine} sets static_resources in bootstrap, which is Penstock's alone to say.`,
      ],
    ],
    [{ bootstrap: { node: null } }, [`${mine} sets node.id in bootstrap, which is Penstock's alone to say.`]],
    [{ bootstrap: { node: { metadata: null }, stats_config: {} } }, []],
    [
      {
        overlays: [
          { kind: 'Service', patch: {} },
          { kind: 'Deployment', patch: { metadata: { ownerReferences: [] } } },
        ],
      },
      [`${mine} sets metadata.ownerReferences in overlays[1], which is Penstock's alone to say.`],
    ],
    [
      { overlays: [{ kind: 'Deployment', patch: { spec: { selector: null } } }] },
      [`${mine} sets spec.selector in overlays[0], which is Penstock's alone to say.`],
    ],
    [{ overlays: [{ kind: 'Deployment', patch: { metadata: { labels: { a: 'b' } }, spec: { paused: true } } }] }, []],
  ])('is nothing that an Envoy cannot do, or that is not for users to say: %j', (own, messages) => {
    expect(told({}, own)).toEqual(messages)
  })

  it.each<[GatewayParameters, string[]]>([
    [{ logging: { components: { 'some::module': 'debug' } } }, []],
    [{ accessLogs: [{ fields: { a: 'b' } }] }, []],
    [{ accessLogs: [{}, {}] }, [`${mine} sets 2 accessLogs to standard output, but agentgateway can have 1.`]],
    [{ accessLogs: [{ text: 'a?' }] }, [`${mine} sets accessLogs[0].text, which agentgateway cannot do.`]],
    [{ accessLogs: [{ file: '/a' }] }, [`${mine} sets accessLogs[0].file, which agentgateway cannot do.`]],
    [
      { accessLogs: [{ openTelemetry: { host: 'a' } }] },
      [`${mine} sets accessLogs[0].openTelemetry, which agentgateway cannot do.`],
    ],
    [
      { tracing: { openTelemetry: { host: 'a' }, samplingPercent: 1, serviceName: 'x', tags: {} } },
      [
        `${mine} sets tracing.serviceName, which agentgateway cannot do.`,
        `${mine} sets tracing.tags, which agentgateway cannot do.`,
      ],
    ],
  ])('is nothing that a lesser plane cannot do: %j', (own, messages) => {
    expect(told({}, own, 'agentgateway')).toEqual(messages)
  })
})

describe('GatewayConfigs that cannot be', () => {
  const config = (path: string, spec: object) => resource('GatewayConfig', path, { spec })
  const ref = (name: string) => ({ group: 'penstock.dev', kind: 'GatewayConfig', name })
  const classOf = (name: string) => gatewayClass('penstock', { parametersRef: { ...ref(name), namespace: 'infra' } })
  const own = { infrastructure: { parametersRef: ref('mine') } }
  const held = ({ translation }: Rig) => [...translation.held().infra, ...translation.held().ir]

  it('are told to the Gateway, whose proxies go on as they are, and log what they log', () => {
    const rig = createRig([
      classOf('all'),
      config('infra/all', { replicas: 2 }),
      gateway('gw', [http('http')], own),
      config('default/mine', { accessLogs: [{ text: 'a' }] }),
    ])
    expect(rig.records('fleet').get('fleet/default~gw')?.telemetry?.accessLogs).toHaveLength(1)
    expect(held(rig)).toEqual([])
    rig.set(config('default/mine', { workload: 'DaemonSet' }))
    expect(rig.gatewaySays('gw')).toMatchObject({ Accepted: 'False InvalidParameters', Programmed: 'True Programmed' })
    expect(rig.message('Gateway', 'gw', 'Accepted').split('\n')[0]).toBe(
      `${mine} sets workload, and ${all} sets replicas: a DaemonSet has one pod on each node.`,
    )
    expect(held(rig)).toEqual(['default~gw', 'fleet/default~gw'])
    rig.set(config('infra/all', {}))
    expect(rig.gatewaySays('gw')).toMatchObject({ Accepted: 'True Accepted' })
    expect(held(rig)).toEqual([])
  })

  it('are told to the class where its own is at fault, and to its Gateways once', () => {
    const rig = createRig([
      classOf('all'),
      config('infra/all', { logging: { components: { nothing: 'debug' } } }),
      gateway('gw', [http('http')], own),
      config('default/mine', {}),
    ])
    const message = `${all} sets logging.components.nothing, but Envoy has no such component.`
    const status = rig.translation.graph.values(rig.translation.status)
    expect(status.get('gateway.networking.k8s.io/GatewayClass//penstock')?.conditions).toMatchObject([
      { type: 'Accepted', status: false, reason: 'InvalidParameters', message },
    ])
    expect(rig.message('Gateway', 'gw', 'Accepted').split('\n')[0]).toBe(
      `Gateway default/gw belongs to a class that is not accepted: ${message}`,
    )
    expect(held(rig)).toEqual(['default~gw', 'fleet/default~gw'])
  })

  it('change nothing of what is served, whatever plane they name', () => {
    const rig = createRig(
      [
        gatewayClass(),
        gateway('gw', [http('http')], own),
        service('v1'),
        httpRoute('web', [{ ...to('v1'), sessionPersistence: { type: 'Cookie', cookie: {} } }]),
        config('default/mine', {}),
      ],
      { capabilities: { envoy: capabilities, agentgateway: { ...capabilities, filters: new Set(['answer']) } } },
    )
    const served = [rig.rule('default/web/#0'), rig.routeSays('web')]
    rig.set(config('default/mine', { plane: 'Agentgateway', accessLogs: [{ text: '?' }] }))
    expect(held(rig)).toEqual(['default~gw', 'fleet/default~gw'])
    expect([rig.rule('default/web/#0'), rig.routeSays('web')]).toEqual(served)
    rig.set(config('default/mine', { plane: 'Agentgateway' }))
    expect(rig.rule('default/web/#0')).not.toEqual(served[0])
    // Nobody knows any more what it said: by the other plane it may still be served.
    rig.remove(config('default/mine', {}))
    expect(held(rig)).toEqual(['default~gw', 'fleet/default~gw'])
    expect([rig.rule('default/web/#0'), rig.routeSays('web')]).toEqual(served)
  })
})
