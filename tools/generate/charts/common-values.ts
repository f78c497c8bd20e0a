// What every chart of ours can be told, and what the one of NATS can.
import { connectionSettings, placeNamePattern } from '@penstock/bus'
import { frameSettings } from '@penstock/service'
import {
  type ChartValue,
  type ChartValues,
  choice,
  count,
  flag,
  list,
  matching,
  names,
  object,
  ports,
  resources,
  secretNames,
  taken,
  text,
  texts,
} from './chart-value.ts'

/** A host, perhaps a port and folders: what stands before the name of an image. */
const registryPattern = '^([A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*)?$'

/** A NATS that these charts do not run. */
export const externalNats = (url: string): Readonly<Record<string, ChartValue>> => ({
  url: taken(connectionSettings.natsUrl, text(url)),
  tls: flag('Whether it is asked by TLS.', false),
  authority: text('A Secret whose `ca.crt` says who may have signed its certificate; ours where nothing is said.'),
  credentials: flag('Whether services show `nats.creds` of their Secret there, not a password.', false),
  replicas: taken(connectionSettings.natsReplicas, count('How many of its servers keep a copy of each stream.', 1)),
})

export const globalValues: ChartValues = {
  global: {
    imageRegistry: matching(
      registryPattern,
      text(
        'Where our images are, and that of NATS; proxies have theirs from `settings.envoyImage` and the like of infra-manager.',
      ),
    ),
    imageTag: text('The tag of all images of ours.'),
    imagePullSecrets: secretNames('Secrets by which those images are fetched; not the images of proxies.'),
    install: matching(
      placeNamePattern,
      text(
        'The name of this installation; two that share a NATS or a cluster need two names, as proxies are known by it.',
        'penstock',
      ),
    ),
    source: matching(placeNamePattern, text('The name of the cluster that the resources come from.', 'local')),
    controllerName: text(
      'Whose GatewayClasses are ours; two installations of a cluster need two, two names (`global.install`), and GatewayClasses of their own: docs/install.md.',
      'penstock.dev/gateway-controller',
    ),
    namespaces: texts('The namespaces that this installation is for; all of them where none is named.'),
    apiServerPorts: ports(
      'Where the API server listens, itself and as a Service: NetworkPolicies let those reach it who have to.',
      [443, 6443],
    ),
    certificates: choice(
      'Who issues the certificates of this installation: its own job, or cert-manager where the cluster has it.',
      ['job', 'cert-manager'],
    ),
    nats: {
      replicas: {
        default: 1,
        sentence:
          'How many servers the chart nats runs, each with a copy of every stream: 1, or 3, of which any may be lost.',
        schema: { enum: [1, 3] },
      },
      tls: flag('Whether they talk TLS alone, with clients and among themselves.', true),
    },
    externalNats: externalNats('Where a NATS of your own is; where nothing is said, it is that of the chart nats.'),
    monitoring: {
      enabled: flag(
        'Whether Prometheus is told to read the metrics of all services and proxies, with alerts, and Grafana has dashboards.',
        false,
      ),
      labels: names('Labels by which a Prometheus finds what it is told.'),
      interval: text('How often metrics are read; as often as Prometheus reads others where nothing is said.'),
    },
    settings: {
      logLevel: {
        ...taken(frameSettings.logLevel, text('The lowest level that is logged, by all services.', 'info')),
        unset: true,
      },
    },
  },
}

export interface PodDefaults {
  readonly repository: string
  readonly tag?: string
  /** Requested: docs/sizing.md says where these figures come from. */
  readonly cpu?: string
  /** Requested, and the most. */
  readonly memory: readonly [string, string]
}

export const networkPolicyValues = {
  enabled: flag('Whether only those reach it who must, and it reaches only what it must.', true),
  metricsFrom: list('Who may read its metrics, as peers of a NetworkPolicy; everybody where nothing is said.'),
  egress: list('What else it may reach, as rules of a NetworkPolicy.'),
}

const imageValues = ({ repository, tag = '' }: Pick<PodDefaults, 'repository' | 'tag'>): ChartValues => ({
  registry: matching(registryPattern, text('Where the image is.')),
  repository: text('Its name there.', repository),
  tag: text('Its tag; the version of the chart where nothing is said.', tag),
  digest: text('Its digest, which wins over the tag.'),
  pullPolicy: choice('When a node fetches it.', ['IfNotPresent', 'Always', 'Never']),
})

export const podValues = ({ repository, tag = '', cpu = '20m', memory: [memory, most] }: PodDefaults): ChartValues => ({
  enabled: flag('Read by the chart that installs all parts.', true),
  image: {
    ...imageValues({ repository, tag }),
    pullSecrets: secretNames('Secrets by which it is fetched.'),
  },
  existingSecret: text(
    'The Secret with what only these pods may know; one named like the chart where nothing is said.',
  ),
  resources: resources('What a replica gets.', { requests: { cpu, memory }, limits: { memory: most } }),
  pod: {
    labels: names('More labels of its pods.'),
    annotations: names('Annotations of its pods.'),
    nodeSelector: names('Labels of the nodes that it may run on.'),
    tolerations: list('Taints that it tolerates.'),
    affinity: object('Where it would rather run; replicas are spread over zones and nodes in any case.'),
    priorityClassName: text('The priority of its pods.'),
    runAsUser: {
      default: 65_532,
      sentence:
        'The user, and the group, that its pods run as; null leaves both to the cluster, as OpenShift wants it.',
      schema: { type: ['integer', 'null'], minimum: 1 },
    },
  },
  disruptionBudget: {
    enabled: flag('Whether nodes may be emptied only one after the other.', true),
    maxUnavailable: count('So many replicas may be away: one at least, or nodes could never be emptied.', 1, 1),
  },
  networkPolicy: networkPolicyValues,
  ...globalValues,
})

export const monitorValues: ChartValues = {
  serviceMonitor: {
    enabled: flag('Whether the Prometheus operator is told to read its metrics.', false),
    labels: names('Labels by which a Prometheus finds it.'),
    interval: text('How often they are read; as often as Prometheus reads others where nothing is said.'),
  },
}

export const natsValues: ChartValues = {
  ...podValues({ repository: 'nats', tag: '2.15.1', memory: ['64Mi', '512Mi'] }),
  // Two of three are needed, so there is no other number to say.
  disruptionBudget: { enabled: flag('Whether nodes may be emptied only one after the other.', true) },
  networkPolicy: {
    ...networkPolicyValues,
    clientsFrom: list(
      'Who may use it besides the services of its own namespace, as peers of a NetworkPolicy; docs/nats.md says when.',
    ),
  },
  storage: {
    size: text('Of a volume for each server, such as 2Gi; where nothing is said, what it stores goes with its pod.'),
    className: text("The class of that volume; the cluster's default where nothing is said."),
    syncInterval: text('When what is written goes to the disk: always, or so often.', 'always'),
  },
  reloader: {
    enabled: flag('Whether a container beside it has it take up a Secret that changed, without a restart.', true),
    image: imageValues({ repository: 'penstock/cli' }),
    resources: resources('What that container gets.', {
      requests: { cpu: '5m', memory: '48Mi' },
      limits: { memory: '128Mi' },
    }),
  },
}
