// Every chart as a release of its own, with a NATS in another namespace that talks TLS by somebody else's certificate: whoever
// does not want the umbrella.
import { identityFiles } from '@penstock/identity'
import { createAuthority, createCertificateAuthority } from '@penstock/identity/authority'
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
  // Its image is not where ours are; what reads its files again is of ours.
  values: {
    ...{ ...ours, 'image.registry': 'docker.io/library' },
    [String.raw`networkPolicy.clientsFrom[0].namespaceSelector.matchLabels.kubernetes\.io/metadata\.name`]: namespace,
  },
}
const natsHost = `nats.${natsNamespace}.svc`
const natsAuthority = 'authority-of-nats'
const others = services.map((name) =>
  release(name, {
    ...ours,
    ...{ 'externalNats.url': `tls://${natsHost}:4222`, 'externalNats.tls': true },
    'externalNats.authority': natsAuthority,
  }),
)

/** Resolves when the pods of all are ready. */
export async function installApart({ kubectl }: Cluster, helm: Helm): Promise<void> {
  await helm.apply(secrets)
  await kubectl(['create', 'namespace', natsNamespace])
  // Its users, which a release elsewhere cannot make; and a certificate that nothing of ours has signed.
  const read = ['get', 'secret/nats', `--namespace=${namespace}`, '--output=json']
  const made = JSON.parse(await kubectl(read)) as { readonly data: object }
  const certificate = await foreignCertificate()
  const data = { ...made.data, ...certificate }
  const authority = { 'ca.crt': certificate['ca.crt'] }
  for (const secret of [
    { ...made, metadata: { name: 'nats', namespace: natsNamespace }, data },
    { ...made, metadata: { name: natsAuthority, namespace }, data: authority },
  ]) {
    await kubectl(['create', '--filename=-'], JSON.stringify(secret))
  }
  await Promise.all([nats, ...others].map((each) => helm.apply(each)))
}

/** Of an authority of its own; as data of a Secret. */
async function foreignCertificate(): Promise<Readonly<Record<string, string>>> {
  const install = 'foreign'
  const valid = { validMs: 86_400_000 }
  const keys = await createCertificateAuthority(install, { ...valid, nowMs: Date.now() })
  const authority = createAuthority({ install, ...keys, nowMs: () => Date.now() })
  const files = identityFiles(await authority.issueService([natsHost], valid))
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [file, Buffer.from(text).toString('base64')]))
}

/** With all that is in their namespaces. */
export async function removeApart({ kubectl }: Cluster, helm: Helm): Promise<void> {
  await Promise.all([nats, ...others].map((each) => helm.uninstall(each)))
  await helm.uninstall(secrets)
  await kubectl(['delete', `secret/${natsAuthority}`, `--namespace=${namespace}`])
  await kubectl(['delete', 'namespace', natsNamespace, '--timeout=60s'])
}

/** What helm makes and does not take away. */
export const leftApart = [
  `Namespace//${namespace}`,
  `ConfigMap/${namespace}/kube-root-ca.crt`,
  `ServiceAccount/${namespace}/default`,
]
