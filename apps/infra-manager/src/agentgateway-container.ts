// agentgateway as a container: a small file, and by environment who it is and where it gets the rest. It is ready when
// both kinds of what it asks for were answered and it has found itself among the workloads.
import { type Infra, type Source, unsetParameters } from '@penstock/ir'
import { agentgatewayFile } from './agentgateway-file.ts'
import { drainSecondsOf } from './drain.ts'
import type { IdentityParts } from './proxy-container.ts'
import { configFolder, identityFolder, type ProxyContainer } from './proxy-workload.ts'

const [metricsPort, readyPort] = [15_020, 15_021]
const leavingSeconds = 5
const trustFile = 'ca.crt'
const identityEnv = [
  { name: 'XDS_ROOT_CA', value: `${configFolder}/${trustFile}` },
  { name: 'XDS_AUTH_TOKEN', value: `${identityFolder}/token` },
]

export interface AgentgatewayOptions {
  readonly xdsAddress: string
  readonly image: string
  readonly identity?: IdentityParts
}

export function agentgatewayContainer(
  { source, fleet, parameters }: Pick<Infra, 'fleet' | 'parameters'> & { readonly source: Source },
  { xdsAddress, image, identity }: AgentgatewayOptions,
): ProxyContainer {
  const ready = { httpGet: { path: '/healthz/ready', port: readyPort } }
  const fromPod = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } })
  return {
    // It reads whom it trusts only once, so that is part of what it is; its token it reads every minute.
    files: {
      'config.yaml': agentgatewayFile(parameters ?? unsetParameters, fleet),
      ...(identity && { [trustFile]: identity.caPem }),
    },
    hasIdentity: identity !== undefined,
    container: {
      name: 'agentgateway',
      image: parameters?.image || image,
      args: ['-f', `${configFolder}/config.yaml`],
      env: [
        { name: 'XDS_ADDRESS', value: `${identity ? 'https' : 'http'}://${xdsAddress}` },
        ...(identity ? identityEnv : []),
        // Its role is made of these two.
        { name: 'NAMESPACE', value: source.namespace },
        { name: 'GATEWAY', value: source.name },
        fromPod('POD_NAME', 'metadata.name'),
        fromPod('INSTANCE_IP', 'status.podIP'),
        fromPod('NODE_NAME', 'spec.nodeName'),
        // Told to end, it takes no new connection, and gives those that it has so long: what is left of the drain by then.
        {
          name: 'CONNECTION_TERMINATION_DEADLINE',
          value: `${Math.max(0, drainSecondsOf({ parameters }) - leavingSeconds)}s`,
        },
      ],
      ports: [
        { name: 'ready', containerPort: readyPort, protocol: 'TCP' },
        { name: 'metrics', containerPort: metricsPort, protocol: 'TCP' },
      ],
      startupProbe: { ...ready, periodSeconds: 1, failureThreshold: 600 },
      // One late answer on a busy node takes no proxy out of its Service.
      readinessProbe: { ...ready, periodSeconds: 3, timeoutSeconds: 3, failureThreshold: 2 },
      // Until every node has heard that the pod is leaving, it goes on serving.
      lifecycle: { preStop: { sleep: { seconds: leavingSeconds } } },
      resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '1Gi' } },
    },
  }
}
