import { describe, expect, it } from '@jest/globals'
import { type Infra, Transport } from '@penstock/ir'
import {
  bodyOf,
  infra,
  kindsOf,
  objectOfKind,
  objectsOf,
  source,
  specOf,
  templateOf,
  withParameters,
} from './fleet.test-data.ts'
import { proxyName } from './proxy-names.ts'

describe('proxyName', () => {
  it.each([
    ['web', 'web-penstock'],
    ['a'.repeat(54), `${'a'.repeat(54)}-penstock`],
  ])('of %s is the name of the Gateway and ours', (gateway, name) => {
    expect(proxyName(gateway)).toBe(name)
  })

  it.each(['a'.repeat(55), 'a'.repeat(253), 'web.example', '1st', 'a'.repeat(252).concat('.b')])(
    'of %s is a DNS label all the same, and no other Gateway has it',
    (gateway) => {
      expect(proxyName(gateway)).toMatch(/^[a-z][-a-z0-9]{0,61}[a-z0-9]$/)
      expect(proxyName(gateway)).not.toBe(proxyName(`${gateway}x`))
    },
  )
})

const autoscaling = { minReplicas: 2, maxReplicas: 5, targetCpuPercent: 80 }
const disruptionBudget = { minAvailable: '', maxUnavailable: '1' }

describe('the objects of a fleet', () => {
  it.each([
    ['nothing', {}, ['ServiceAccount', 'ConfigMap', 'Deployment', 'Service']],
    ['a DaemonSet', { workload: 'DaemonSet' }, ['ServiceAccount', 'ConfigMap', 'DaemonSet', 'Service']],
    [
      'an autoscaler and a budget',
      { autoscaling, disruptionBudget },
      [
        ...['ServiceAccount', 'ConfigMap', 'Deployment', 'Service'],
        ...['HorizontalPodAutoscaler', 'PodDisruptionBudget'],
      ],
    ],
    [
      'an autoscaler of a DaemonSet, which has none',
      { workload: 'DaemonSet', autoscaling },
      ['ServiceAccount', 'ConfigMap', 'DaemonSet', 'Service'],
    ],
  ])('for one that asks for %s, in the order in which they are made', (_, parameters, kinds) => {
    expect(kindsOf(withParameters(parameters))).toEqual(kinds)
  })

  it('leave it to who remembers identities what is remembered there', () => {
    const annotations = { 'penstock.dev/identity': 'mine', 'example.dev/note': 'mine' }
    const body = bodyOf({ ...infra, annotations }, 'ServiceAccount')
    expect(body['metadata']).toMatchObject({ annotations: { 'example.dev/note': 'mine' } })
    expect(JSON.stringify(body)).not.toContain('penstock.dev/identity')
  })

  it('are all owned by the Gateway and carry what it says of its infrastructure', () => {
    for (const { kind, namespace, name, body } of objectsOf(withParameters({ autoscaling, disruptionBudget }))) {
      expect({ kind, namespace, name }).toEqual({ kind, namespace: 'default', name: 'web-penstock' })
      expect(body?.['metadata']).toMatchObject({
        labels: { team: 'a', 'gateway.networking.k8s.io/gateway-name': 'web', 'penstock.dev/install': 'test' },
        annotations: { note: 'b', 'penstock.dev/fleet': 'default~web' },
        ownerReferences: [{ kind: 'Gateway', name: 'web', uid: 'uid-1' }],
      })
    }
  })

  it('leave the Service as it is while no listener is accepted', () => {
    expect(objectOfKind({ ...infra, ports: [] }, 'Service')).toMatchObject({ body: undefined })
    expect(objectOfKind({ ...infra, ports: [] }, 'Service')?.refused).toBeUndefined()
  })

  it('run the image of the GatewayConfig, else the default', () => {
    const image = (wanted: Infra) => templateOf(wanted).spec.containers[0]?.['image']
    expect(image(infra)).toBe('envoy:1')
    expect(image(withParameters({ image: 'envoy:2' }))).toBe('envoy:2')
    expect(image({ ...infra, plane: 'agentgateway' })).toBe('agentgateway:1')
  })

  it('tell an agentgateway which Gateway it serves, and who it is', () => {
    const values = (name: string, value: string): unknown => expect.arrayContaining([{ name, value }])
    const env = templateOf({ ...infra, plane: 'agentgateway' }).spec.containers[0]?.['env']
    expect(env).toEqual(values('XDS_ADDRESS', 'http://agw.example:18100'))
    expect(env).toEqual(values('NAMESPACE', 'default'))
    expect(env).toEqual(values('GATEWAY', 'web'))
  })

  it.each([
    [undefined, 45, '25s'],
    [90, 105, '85s'],
    [3, 18, '0s'],
    [0, 15, '0s'],
  ])('end within the time that a drain of %s s may take', (drainSeconds, graceSeconds, deadline) => {
    const podOf = (plane: string) =>
      templateOf(withParameters(drainSeconds === undefined ? {} : { drainSeconds }, { plane })).spec
    expect(podOf('envoy')['terminationGracePeriodSeconds']).toBe(graceSeconds)
    expect(podOf('agentgateway')['terminationGracePeriodSeconds']).toBe(graceSeconds)
    expect(podOf('agentgateway').containers[0]?.['env']).toEqual(
      expect.arrayContaining([{ name: 'CONNECTION_TERMINATION_DEADLINE', value: deadline }]),
    )
  })

  it('ask an Envoy to drain at a path that only this Gateway has, and that its bootstrap knows', () => {
    const pathOf = (uid: string): string => {
      const wanted = { ...infra, source: { ...source, uid } }
      const lifecycle = templateOf(wanted).spec.containers[0]?.['lifecycle'] as {
        preStop: { httpGet: { path: string } }
      }
      const { path } = lifecycle.preStop.httpGet
      expect(JSON.stringify(bodyOf(wanted, 'ConfigMap'))).toContain(path)
      return path
    }
    expect(pathOf('uid-1')).toMatch(/^\/drain\/[0-9a-f]{32}$/)
    expect(pathOf('uid-2')).not.toBe(pathOf('uid-1'))
  })

  it('are not known of a plane that is newer', () => {
    expect(() => objectsOf({ ...infra, plane: 'other' })).toThrow('no proxies of the plane other are known')
  })

  it('start no pod anew when ports change, and every pod when its file does', () => {
    const ports = [{ port: 8080, transport: Transport.TCP }]
    expect(bodyOf({ ...infra, ports }, 'Deployment')).toEqual(bodyOf(infra, 'Deployment'))
    const other = withParameters({ bootstrapJson: '{"admin":null}' })
    expect(templateOf(other).metadata.annotations).not.toEqual(templateOf(infra).metadata.annotations)
    const laid = withParameters({ overlays: [{ kind: 'ConfigMap', patchJson: '{"data":{"more":"x"}}' }] })
    expect(templateOf(laid).metadata.annotations).not.toEqual(templateOf(infra).metadata.annotations)
  })
})

describe('the workload', () => {
  it.each([
    ['nobody says how many', {}, undefined],
    ['the GatewayConfig does', { replicas: 3 }, 3],
    ['an autoscaler does', { autoscaling }, undefined],
  ])('where %s', (_, parameters, replicas) => {
    expect(specOf(withParameters(parameters), 'Deployment')['replicas']).toBe(replicas)
  })

  it('takes up one new pod before an old one goes, whichever it is', () => {
    const rollingUpdate = { maxUnavailable: 0, maxSurge: 1 }
    expect(specOf(infra, 'Deployment')['strategy']).toMatchObject({ rollingUpdate })
    expect(specOf(withParameters({ workload: 'DaemonSet' }), 'DaemonSet')['updateStrategy']).toMatchObject({
      rollingUpdate,
    })
  })

  it('has what the GatewayConfig says of its pods, and keeps our labels', () => {
    const wanted = withParameters({
      resourcesJson: '{"limits":{"memory":"2Gi"}}',
      pod: {
        labels: { tier: 'edge', team: 'b', 'penstock.dev/proxy': 'theirs' },
        annotations: { 'example.com/a': '1' },
        nodeSelector: { disk: 'fast' },
        specJson: '{"priorityClassName":"high","securityContext":{"fsGroup":1,"runAsUser":1000}}',
        containerSecurityContextJson: '{"readOnlyRootFilesystem":null,"capabilities":{"add":["NET_RAW"]}}',
      },
    })
    const { metadata, spec } = templateOf(wanted)
    expect(metadata.labels).toMatchObject({ tier: 'edge', team: 'b', 'penstock.dev/proxy': 'web-penstock' })
    expect(metadata.annotations).toMatchObject({ note: 'b', 'example.com/a': '1' })
    expect(spec).toMatchObject({ nodeSelector: { disk: 'fast' }, priorityClassName: 'high' })
    expect(spec['securityContext']).toMatchObject({ fsGroup: 1, runAsUser: 1000, runAsNonRoot: true })
    const [container] = spec.containers
    // Whole: a request of ours may not be more than a limit of theirs.
    expect(container?.['resources']).toEqual({ limits: { memory: '2Gi' } })
    expect(container?.['securityContext']).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['NET_RAW'] },
    })
  })

  it('of a Deployment whose number is an autoscaler’s says how many there are at least', () => {
    expect(objectOfKind(withParameters({ autoscaling }), 'Deployment')?.leastReplicas).toBe(2)
    expect(objectOfKind(infra, 'Deployment')?.leastReplicas).toBeUndefined()
  })
})

describe('the Service', () => {
  it('has the ports of the listeners as they are', () => {
    expect(specOf(infra, 'Service')).toMatchObject({
      type: 'LoadBalancer',
      ports: [
        { name: 'tcp-80', port: 80, targetPort: 80, protocol: 'TCP' },
        { name: 'udp-53', port: 53, targetPort: 53, protocol: 'UDP' },
      ],
    })
  })

  it.each([
    ['', ['', '10.0.0.1', '10.0.0.2'], { loadBalancerIP: '10.0.0.1' }],
    ['', [''], {}],
    ['LoadBalancer', ['10.0.0.1'], { loadBalancerIP: '10.0.0.1' }],
    ['ClusterIP', ['10.0.0.1'], { clusterIP: '10.0.0.1' }],
    ['NodePort', ['10.0.0.1'], { clusterIP: '10.0.0.1' }],
  ])('of type "%s" asks for the first of the addresses %j', (type, values, asked) => {
    const addresses = values.map((value) => ({ type: 'IPAddress', value }))
    const service = { type, labels: {}, annotations: {}, specJson: '' }
    const { loadBalancerIP, clusterIP } = specOf(withParameters({ service }, { addresses }), 'Service')
    expect({ loadBalancerIP, clusterIP }).toEqual({ loadBalancerIP: undefined, clusterIP: undefined, ...asked })
  })

  it('has what the GatewayConfig says of it, and the pods do not', () => {
    const service = {
      ...{ type: 'NodePort', labels: { net: 'x' }, annotations: { 'example.com/lb': 'y' } },
      specJson: '{"externalTrafficPolicy":"Local"}',
    }
    const wanted = withParameters({ service })
    expect(bodyOf(wanted, 'Service')).toMatchObject({
      metadata: { labels: { net: 'x', team: 'a' }, annotations: { 'example.com/lb': 'y', note: 'b' } },
      spec: { type: 'NodePort', externalTrafficPolicy: 'Local' },
    })
    expect(bodyOf(wanted, 'Deployment')).toEqual(bodyOf(infra, 'Deployment'))
  })
})

describe('how many', () => {
  it('is judged by what the proxy’s own container uses', () => {
    const spec = specOf(
      withParameters({ autoscaling: { ...autoscaling, targetMemoryPercent: 70 } }),
      'HorizontalPodAutoscaler',
    )
    const metric = (name: string, averageUtilization: number) => ({
      type: 'ContainerResource',
      containerResource: { name, container: 'envoy', target: { type: 'Utilization', averageUtilization } },
    })
    expect(spec).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web-penstock' },
      ...{ minReplicas: 2, maxReplicas: 5 },
      metrics: [metric('cpu', 80), metric('memory', 70)],
    })
  })

  it.each([
    [{ minAvailable: '50%', maxUnavailable: '' }, { minAvailable: '50%' }],
    [{ minAvailable: '', maxUnavailable: '1' }, { maxUnavailable: 1 }],
  ])('may go is %j', (wanted, spec) => {
    expect(specOf(withParameters({ disruptionBudget: wanted }), 'PodDisruptionBudget')).toEqual({
      selector: { matchLabels: { 'penstock.dev/proxy': 'web-penstock' } },
      ...spec,
    })
  })
})
