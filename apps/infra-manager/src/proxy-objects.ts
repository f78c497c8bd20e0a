// The objects that run a fleet's proxies, in the Gateway's namespace and owned by it, so that they go when it goes
// (GEP-1762: labels and annotations of a Gateway's infrastructure). Pure.
import { createHash } from 'node:crypto'
import type { KindInfo } from '@penstock/gateway-api'
import type { Infra, Source } from '@penstock/ir'
import { Transport } from '@penstock/ir'
import type { PlainObject } from '@penstock/kube'
import { drainSecondsOf, graceSecondsOf } from './drain.ts'
import { configMap, deployment, fleetAnnotation, managedBy, service, serviceAccount } from './owned-kinds.ts'

/** What a plane has to say: one container, and the files that it reads. */
export interface ProxyContainer {
  readonly container: PlainObject
  /** By file name, in `configFolder`. */
  readonly files: Readonly<Record<string, string>>
}

export interface OwnedObject {
  readonly kind: KindInfo
  readonly namespace: string
  readonly name: string
  /** To be applied. */
  readonly body: PlainObject
}

export const configFolder = '/etc/penstock'
/** A user that no file belongs to. */
const nobody = 65_532

export interface ProxyOptions {
  readonly install: string
  readonly proxy: ProxyContainer
}

export function proxyObjects(
  infra: Infra & { readonly source: Source },
  { install, proxy }: ProxyOptions,
): OwnedObject[] {
  const { source, fleet } = infra
  const name = proxyName(source.name)
  const labels = { ...infra.labels, ...labelsOf(source, install) }
  const metadata = {
    labels,
    annotations: { ...infra.annotations, [fleetAnnotation]: fleet },
    ownerReferences: [ownerOf(source)],
  }
  const owned = (kind: KindInfo, body: PlainObject): OwnedObject => ({
    ...{ kind, namespace: source.namespace, name },
    body: { metadata, ...body },
  })
  return [
    owned(serviceAccount, { automountServiceAccountToken: false }),
    owned(configMap, { data: proxy.files }),
    // A Service without ports is not valid: one that is there stays as it is.
    ...(infra.ports.length === 0 ? [] : [owned(service, { spec: serviceSpec(infra, name) })]),
    owned(deployment, { spec: deploymentSpec(infra, { name, labels, proxy }) }),
  ]
}

/**
 * A DNS label, as names of Services are: the Gateway's name where that is one, else cut and told apart by its hash.
 */
export function proxyName(gateway: string): string {
  const plain = `${gateway}-penstock`
  if (plain.length <= longestLabel && /^[a-z][-a-z0-9]*$/.test(plain)) return plain
  const hash = createHash('sha256').update(gateway).digest('hex').slice(0, 8)
  const readable = gateway.replaceAll('.', '-').slice(0, longestLabel - '-penstock-'.length - hash.length - 1)
  return `${/^[a-z]/.test(readable) ? '' : 'x'}${readable}-penstock-${hash}`
}

const longestLabel = 63

function labelsOf({ name }: Source, install: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'penstock-proxy',
    'app.kubernetes.io/component': 'proxy',
    ...managedBy(install),
    ...selectorOf(proxyName(name)),
    ...(name.length <= longestLabel ? { 'gateway.networking.k8s.io/gateway-name': name } : {}),
  }
}

const selectorOf = (name: string): Record<string, string> => ({ 'penstock.dev/proxy': name })

function ownerOf({ name, uid }: Source): PlainObject {
  return { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', name, uid, controller: true }
}

function serviceSpec({ ports, addresses }: Infra, name: string): PlainObject {
  // A Service can ask for one; whether the Gateway has all is judged by what it gets.
  const wish = addresses.find(({ value }) => value !== '')?.value
  return {
    type: 'LoadBalancer',
    ...(wish === undefined ? {} : { loadBalancerIP: wish }),
    selector: selectorOf(name),
    ports: ports.map(({ port, transport }) => {
      const protocol = transport === Transport.UDP ? 'UDP' : 'TCP'
      return { name: `${protocol.toLowerCase()}-${port}`, port, targetPort: port, protocol }
    }),
  }
}

interface PodParts {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly proxy: ProxyContainer
}

function deploymentSpec(infra: Infra, { name, labels, proxy }: PodParts): PlainObject {
  // What a pod reads once is part of what it is.
  const files = createHash('sha256').update(JSON.stringify(proxy.files)).digest('hex').slice(0, 16)
  return {
    selector: { matchLabels: selectorOf(name) },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      metadata: { labels, annotations: { ...infra.annotations, 'penstock.dev/files': files } },
      spec: {
        serviceAccountName: name,
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: graceSecondsOf(drainSecondsOf(infra)),
        securityContext: {
          ...{ runAsNonRoot: true, runAsUser: nobody, runAsGroup: nobody },
          seccompProfile: { type: 'RuntimeDefault' },
          // Listeners listen on their own port, whatever it is, without a capability.
          sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
        },
        containers: [
          {
            ...proxy.container,
            securityContext: {
              ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
              capabilities: { drop: ['ALL'] },
            },
            volumeMounts: [{ name: 'config', mountPath: configFolder, readOnly: true }],
          },
        ],
        volumes: [{ name: 'config', configMap: { name } }],
      },
    },
  }
}
