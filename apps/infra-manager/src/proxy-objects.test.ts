import { describe, expect, it } from '@jest/globals'
import { type Infra, Transport, unsetParameters } from '@penstock/ir'
import { proxyContainer } from './proxy-container.ts'
import { proxyName, proxyObjects } from './proxy-objects.ts'

const source = {
  ...{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'default', name: 'web' },
  ...{ uid: 'uid-1', generation: 1 },
}
const infra = {
  ...{ source, fleet: 'default~web', plane: 'envoy' },
  ports: [
    { port: 80, transport: Transport.TCP },
    { port: 53, transport: Transport.UDP },
  ],
  ...{ addresses: [], labels: { team: 'a' }, annotations: { note: 'b' } },
  parameters: unsetParameters,
} satisfies Infra
const config = {
  ...{ xdsAddress: 'xds.example:18000', envoyImage: 'envoy:1' },
  ...{ agentgatewayXdsAddress: 'agw.example:18100', agentgatewayImage: 'agentgateway:1' },
}
const objectsOf = (infra: Infra) => {
  const wanted = { ...infra, source: infra.source ?? source }
  const objects = proxyObjects(wanted, { install: 'test', proxy: proxyContainer(wanted, config) })
  return objects.map(({ kind, ...object }) => ({ ...object, kind: kind.kind }))
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number
  readonly containers: readonly {
    readonly env: unknown
    readonly lifecycle: { readonly preStop: { readonly httpGet?: { readonly path: string } } }
  }[]
}

function podSpec(objects: ReturnType<typeof objectsOf>): PodSpec {
  const body = objects.find(({ kind }) => kind === 'Deployment')?.body
  return (body as unknown as { spec: { template: { spec: PodSpec } } }).spec.template.spec
}

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

describe('the objects of a fleet', () => {
  it('are an account, a configuration, a Service and a Deployment, owned by the Gateway', () => {
    const objects = objectsOf(infra)
    expect(objects.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'ConfigMap', 'Service', 'Deployment'])
    for (const { namespace, name, body } of objects) {
      expect({ namespace, name }).toEqual({ namespace: 'default', name: 'web-penstock' })
      expect(body['metadata']).toMatchObject({
        labels: { team: 'a', 'gateway.networking.k8s.io/gateway-name': 'web', 'penstock.dev/install': 'test' },
        annotations: { note: 'b', 'penstock.dev/fleet': 'default~web' },
        ownerReferences: [{ kind: 'Gateway', name: 'web', uid: 'uid-1' }],
      })
    }
  })

  it('ask for the first address that the Gateway wants', () => {
    const serviceOf = (...values: string[]) =>
      objectsOf({ ...infra, addresses: values.map((value) => ({ type: 'IPAddress', value })) }).find(
        ({ kind }) => kind === 'Service',
      )?.body['spec']
    expect(serviceOf('', '10.0.0.1', '10.0.0.2')).toMatchObject({ loadBalancerIP: '10.0.0.1' })
    expect(serviceOf('')).not.toHaveProperty('loadBalancerIP')
  })

  it('are reached on the ports of the listeners, and a change of ports starts no pod anew', () => {
    const [before, after] = [infra, { ...infra, ports: [{ port: 8080, transport: Transport.TCP }] }].map(objectsOf)
    const find = (objects: typeof before, kind: string) => objects?.find((object) => object.kind === kind)?.body
    expect(find(before, 'Service')?.['spec']).toMatchObject({
      ports: [
        { name: 'tcp-80', port: 80, targetPort: 80, protocol: 'TCP' },
        { name: 'udp-53', port: 53, targetPort: 53, protocol: 'UDP' },
      ],
    })
    expect(find(after, 'Deployment')).toEqual(find(before, 'Deployment'))
  })

  it('leave the Service as it is while no listener is accepted', () => {
    expect(objectsOf({ ...infra, ports: [] }).map(({ kind }) => kind)).not.toContain('Service')
  })

  it('run the image of the GatewayConfig, else the default', () => {
    const image = (wanted: Infra) => JSON.stringify(objectsOf(wanted)).match(/"image":"([^"]*)"/)?.[1]
    expect(image(infra)).toBe('envoy:1')
    expect(image({ ...infra, parameters: { ...unsetParameters, image: 'envoy:2' } })).toBe('envoy:2')
    expect(image({ ...infra, plane: 'agentgateway' })).toBe('agentgateway:1')
  })

  it('tell an agentgateway which Gateway it serves, and who it is', () => {
    const objects = objectsOf({ ...infra, plane: 'agentgateway' })
    const values = (name: string, value: string): unknown => expect.arrayContaining([{ name, value }])
    const env = podSpec(objects).containers[0]?.env
    expect(env).toEqual(values('XDS_ADDRESS', 'http://agw.example:18100'))
    expect(env).toEqual(values('NAMESPACE', 'default'))
    expect(env).toEqual(values('GATEWAY', 'web'))
    expect(objects.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'ConfigMap', 'Service', 'Deployment'])
  })

  it.each([
    [undefined, 45, '30s'],
    [90, 105, '90s'],
    [0, 15, '0s'],
  ])('end within the time that a drain of %s s may take', (drainSeconds, graceSeconds, deadline) => {
    const parameters = drainSeconds === undefined ? unsetParameters : { ...unsetParameters, drainSeconds }
    const podOf = (plane: string) => podSpec(objectsOf({ ...infra, plane, parameters }))
    expect(podOf('envoy').terminationGracePeriodSeconds).toBe(graceSeconds)
    expect(podOf('agentgateway').terminationGracePeriodSeconds).toBe(graceSeconds)
    expect(podOf('agentgateway').containers[0]?.env).toEqual(
      expect.arrayContaining([{ name: 'CONNECTION_TERMINATION_DEADLINE', value: deadline }]),
    )
  })

  it('ask an Envoy to drain at a path that only this Gateway has, and that its bootstrap knows', () => {
    const pathOf = (uid: string): string => {
      const objects = objectsOf({ ...infra, source: { ...source, uid } })
      const { path } = podSpec(objects).containers[0]?.lifecycle.preStop.httpGet ?? { path: '' }
      expect(JSON.stringify(objects.find(({ kind }) => kind === 'ConfigMap')?.body)).toContain(path)
      return path
    }
    expect(pathOf('uid-1')).toMatch(/^\/drain\/[0-9a-f]{32}$/)
    expect(pathOf('uid-2')).not.toBe(pathOf('uid-1'))
  })

  it('are not known of a plane that is newer', () => {
    expect(() => objectsOf({ ...infra, plane: 'other' })).toThrow('no proxies of the plane other are known')
  })
})
