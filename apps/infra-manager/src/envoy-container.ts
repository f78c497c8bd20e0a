// Envoy as a container: its bootstrap, its arguments, its probes. It is ready when its first configuration is whole.
import type { Infra } from '@penstock/ir'
import { createBootstrap } from '@penstock/plane-envoy/bootstrap'
import { configFolder, type ProxyContainer } from './proxy-objects.ts'

const adminPort = 19_000
const readyPort = 19_003

export function envoyContainer(
  { fleet, parameters }: Pick<Infra, 'fleet' | 'parameters'>,
  { xdsAddress, envoyImage }: { readonly xdsAddress: string; readonly envoyImage: string },
): ProxyContainer {
  const [host = '', port = ''] = xdsAddress.split(':')
  const xds = [{ host, port: Number(port) }]
  // Every pod overrides the name of its node.
  const bootstrap = createBootstrap({ fleet, node: 'envoy', xds, adminPort, readyPort })
  const ready = { httpGet: { path: '/ready', port: readyPort } }
  return {
    files: { 'envoy.json': JSON.stringify(bootstrap) },
    container: {
      name: 'envoy',
      image: parameters?.image || envoyImage,
      args: [
        ...['-c', `${configFolder}/envoy.json`, '--service-node', '$(POD_NAME)'],
        ...['--log-level', 'warn', '--disable-hot-restart', '--drain-strategy', 'immediate'],
      ],
      env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      ports: [{ name: 'ready', containerPort: readyPort, protocol: 'TCP' }],
      startupProbe: { ...ready, periodSeconds: 1, failureThreshold: 600 },
      readinessProbe: { ...ready, periodSeconds: 5, failureThreshold: 1 },
      // Until every node has heard that the pod is leaving, it goes on serving.
      lifecycle: { preStop: { sleep: { seconds: 5 } } },
      resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '1Gi' } },
    },
  }
}
