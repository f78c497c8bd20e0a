// Every chart as a release of its own, with a NATS in another namespace: whoever does not want the umbrella.
import type { Cluster } from '../cluster/cluster.ts'
import { registry } from '../images/built-images.ts'
import type { Helm, Release, Values } from './helm.ts'
import { builds } from './images.ts'

/** What the charts run besides NATS. */
export const services = [
  'watcher',
  'translator',
  'xds-server',
  'agentgateway-server',
  'status-reporter',
  'infra-manager',
]
const namespace = 'apart'
const natsNamespace = 'apart-nats'

const ours: Values = { 'global.imageRegistry': registry, 'global.imageTag': builds.first }
const release = (name: string, values: Values): Release => ({ name, namespace, values })

const secrets = release('secrets', ours)
const nats: Release = {
  ...{ name: 'nats', namespace: natsNamespace },
  // Its certificate does not name it there. Its image is not where ours are; what reads its files again is of ours.
  values: {
    ...{ ...ours, 'image.registry': 'docker.io/library', 'global.nats.tls': false },
    [String.raw`networkPolicy.clientsFrom[0].namespaceSelector.matchLabels.kubernetes\.io/metadata\.name`]: namespace,
  },
}
const others = services.map((name) =>
  release(name, { ...ours, 'externalNats.url': `nats://nats.${natsNamespace}:4222` }),
)

/** Resolves when the pods of all are ready. */
export async function installApart({ kubectl }: Cluster, helm: Helm): Promise<void> {
  await helm.apply(secrets)
  await kubectl(['create', 'namespace', natsNamespace])
  // Its users, which a release elsewhere cannot make.
  const made = JSON.parse(await kubectl(['get', 'secret/nats', `--namespace=${namespace}`, '--output=json'])) as object
  const metadata = { name: 'nats', namespace: natsNamespace }
  await kubectl(['create', '--filename=-'], JSON.stringify({ ...made, metadata }))
  await Promise.all([nats, ...others].map((each) => helm.apply(each)))
}

/** With all that is in their namespaces. */
export async function removeApart({ kubectl }: Cluster, helm: Helm): Promise<void> {
  await Promise.all([nats, ...others].map((each) => helm.uninstall(each)))
  await helm.uninstall(secrets)
  await kubectl(['delete', 'namespace', natsNamespace, '--timeout=60s'])
}

/** What helm makes and does not take away. */
export const leftApart = [
  `Namespace//${namespace}`,
  `ConfigMap/${namespace}/kube-root-ca.crt`,
  `ServiceAccount/${namespace}/default`,
]
