// A fleet as INFRA has it, and the objects that are made of it, for tests.
import { type Infra, type ProxyParameters, Transport, unsetParameters } from '@penstock/ir'
import type { PlainObject } from '@penstock/kube'
import { proxyContainer } from './proxy-container.ts'
import { type OwnedObject, proxyObjects } from './proxy-objects.ts'

export const source = {
  ...{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'default', name: 'web' },
  ...{ uid: 'uid-1', generation: 1 },
}

export const infra: Infra & { source: typeof source } = {
  ...{ source, fleet: 'default~web', plane: 'envoy' },
  ports: [
    { port: 80, transport: Transport.TCP },
    { port: 53, transport: Transport.UDP },
  ],
  ...{ addresses: [], labels: { team: 'a' }, annotations: { note: 'b' } },
  parameters: unsetParameters,
}

const config = {
  ...{ xdsAddress: 'xds.example:18000', envoyImage: 'envoy:1' },
  ...{ agentgatewayXdsAddress: 'agw.example:18100', agentgatewayImage: 'agentgateway:1' },
}

export const withParameters = (parameters: Partial<ProxyParameters>, more: Partial<Infra> = {}): Infra => ({
  ...{ ...infra, ...more },
  parameters: { ...unsetParameters, ...parameters },
})

export function objectsOf(wanted: Infra): OwnedObject[] {
  const whole = { ...wanted, source: wanted.source ?? source }
  return proxyObjects(whole, { install: 'test', proxy: proxyContainer(whole, config) })
}

export const kindsOf = (wanted: Infra): string[] => objectsOf(wanted).map(({ kind }) => kind.kind)

export const objectOfKind = (wanted: Infra, kind: string): OwnedObject | undefined =>
  objectsOf(wanted).find((object) => object.kind.kind === kind)

export const bodyOf = (wanted: Infra, kind: string): PlainObject => objectOfKind(wanted, kind)?.body ?? {}

export const specOf = (wanted: Infra, kind: string): PlainObject => (bodyOf(wanted, kind)['spec'] ?? {}) as PlainObject

/** What the pods of a fleet are made by. */
export function templateOf(wanted: Infra, kind = 'Deployment') {
  return specOf(wanted, kind)['template'] as {
    metadata: { labels: Record<string, string>; annotations: Record<string, string> }
    spec: PlainObject & { containers: (PlainObject & { name: string })[] }
  }
}
