// Envoy as a container: its bootstrap, its arguments, its probes. It is ready when its first configuration is whole.
import type { Infra, Source } from '@penstock/ir'
import { createBootstrap, drainPath, secretFiles } from '@penstock/plane-envoy/bootstrap'
import { drainSecondsOf, drainSecretOf } from './drain.ts'
import { envoyLogArguments } from './envoy-logging.ts'
import { mergeJson, objectOf } from './json-merge.ts'
import type { IdentityParts } from './proxy-container.ts'
import { configFolder, identityFolder, type ProxyContainer } from './proxy-workload.ts'

const adminPort = 19_000
const readyPort = 19_003

export interface EnvoyOptions {
  readonly xdsAddress: string
  readonly envoyImage: string
  readonly identity?: IdentityParts
}

export function envoyContainer(
  { source, fleet, parameters }: Pick<Infra, 'fleet' | 'parameters'> & { readonly source: Source },
  { xdsAddress, envoyImage, identity }: EnvoyOptions,
): ProxyContainer {
  const [host = '', port = ''] = xdsAddress.split(':')
  const drain = {
    secret: drainSecretOf(source, identity?.drainKey),
    longestSeconds: drainSecondsOf({ parameters }),
  }
  const bootstrap = createBootstrap({
    // Every pod overrides the name of its node.
    ...{ fleet, node: 'envoy', adminPort, readyPort, drain },
    xds: [{ host, port: Number(port) }],
    ...(identity && { identity: { serverName: host, folder: configFolder } }),
  })
  const ready = { httpGet: { path: '/ready', port: readyPort } }
  return {
    files: {
      'envoy.json': JSON.stringify(mergeJson(bootstrap, objectOf(parameters?.bootstrapJson ?? ''))),
      ...(identity && secretFiles(identityFolder)),
    },
    hasIdentity: identity !== undefined,
    container: {
      name: 'envoy',
      image: parameters?.image || envoyImage,
      args: [
        ...['-c', `${configFolder}/envoy.json`, '--service-node', '$(POD_NAME)'],
        ...envoyLogArguments(parameters?.logging),
        ...['--disable-hot-restart', '--drain-strategy', 'immediate'],
      ],
      env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      ports: [{ name: 'ready', containerPort: readyPort, protocol: 'TCP' }],
      startupProbe: { ...ready, periodSeconds: 1, failureThreshold: 600 },
      // One late answer on a busy node takes no proxy out of its Service.
      readinessProbe: { ...ready, periodSeconds: 3, timeoutSeconds: 3, failureThreshold: 2 },
      // It goes on serving until its clients have gone; only then is it told to end.
      lifecycle: { preStop: { httpGet: { path: drainPath(drain.secret), port: readyPort } } },
      resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '1Gi' } },
    },
  }
}
