// Envoys that ask for the fleet of our Gateway and are not of it: without an identity, with that of another Gateway, and with
// one by an authority of their own. Each is started as the real one is, and must be given nothing.
import { identityFiles } from '@penstock/identity'
import { createAuthority, createCertificateAuthority } from '@penstock/identity/authority'
import type { ApiObject } from '@penstock/kube'
import { until } from '@penstock/testkit'
import { metricAt } from '../bench/prometheus.ts'
import type { Journal } from '../chaos/journal.ts'
import { gatewayNamed, type Manifest } from '../features/manifests.ts'
import { dumpOf } from './envoy-dump.ts'
import { namespace, podKind, refTo } from './kinds.ts'
import { adminOf, replicaOf } from './replicas.ts'
import type { Scene } from './scene.ts'
import { gatewayName } from './scenery.ts'

const proxyName = `${gatewayName}-penstock`
const deadlineMs = 60_000
const validMs = 3_600_000

interface Stranger {
  readonly name: string
  /** As servers count it. */
  readonly reason: string
  /** In place of the real ones. */
  readonly secret: string
  readonly configMap: string
}

const strangers: readonly Stranger[] = [
  { name: 'without-identity', reason: 'missing', secret: proxyName, configMap: 'without-identity' },
  { name: 'of-another-gateway', reason: 'other_fleet', secret: 'other-penstock', configMap: proxyName },
  { name: 'of-another-authority', reason: 'untrusted', secret: 'forged', configMap: proxyName },
]

/** `say` hears which were given nothing. */
export async function checkStrangers(scene: Scene, journal: Journal, say: (sentence: string) => void): Promise<void> {
  const { write, remove, kube } = scene
  const get = async (kind: string, name: string): Promise<ApiObject> =>
    until(`there is a ${kind} ${name}`, () => kube.get(refTo(kind, name)), deadlineMs)
  await write(gatewayNamed('other', { name: 'http', port: 80 }))
  await get('Secret', 'other-penstock')
  await write(withoutIdentity(await get('ConfigMap', proxyName)), await forged(await get('Secret', proxyName)))
  const template = podTemplate(await get('Deployment', proxyName))
  for (const stranger of strangers) {
    await check(scene, template, stranger).then(
      () => say(`an Envoy ${stranger.name.replaceAll('-', ' ')} was given nothing`),
      (error: Error) => journal.trouble('stranger', `${stranger.name}: ${error.message}`),
    )
  }
  await remove('Gateway', 'other')
}

async function check({ kube, replicas }: Scene, template: PodTemplate, stranger: Stranger): Promise<void> {
  const { name, reason } = stranger
  const servers = (await replicas.look()).filter(({ app }) => app === 'xds-server')
  const refused = async (): Promise<number> => {
    const counts = servers.map((server) => metricAt(adminOf(server), 'penstock_xds_refused_total', { reason }))
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
  }
  const before = await refused()
  const { metadata } = await kube.create(podKind, strangerPod(template, stranger))
  try {
    await until(`it was refused: ${reason}`, async () => (await refused()) > before + 1, deadlineMs)
    const found = await kube.get({ kind: podKind, namespace, name })
    const pod = found && replicaOf(found)
    if (!pod) throw new Error('its pod is gone')
    const held = await dumpOf(pod)
    if (pod.ready || held.size > 0) throw new Error(`it was given ${[...held.keys()].join(', ')}`)
  } finally {
    await kube.writer({ fieldManager: 'chaos' }).delete({ kind: podKind, namespace, name }, { uid: metadata.uid })
  }
}

interface Volume {
  readonly name: string
}

interface PodTemplate {
  readonly spec: { readonly volumes: readonly Volume[] } & Readonly<Record<string, unknown>>
}

const podTemplate = ({ spec }: ApiObject): PodTemplate => (spec as { readonly template: PodTemplate }).template

function strangerPod({ spec }: PodTemplate, { name, secret, configMap }: Stranger) {
  const volumes = spec.volumes.map((volume) => {
    if (volume.name === 'identity') return { name: 'identity', secret: { secretName: secret, defaultMode: 0o440 } }
    return volume.name === 'config' ? { name: 'config', configMap: { name: configMap } } : volume
  })
  const metadata = { name, namespace, labels: { app: 'stranger' } }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...spec, volumes, terminationGracePeriodSeconds: 1 } }
}

/** It speaks TLS, and shows no certificate. */
function withoutIdentity(real: ApiObject): Manifest {
  const { 'envoy.json': bootstrap = '', ...files } = real['data'] as Readonly<Record<string, string>>
  const bare: unknown = JSON.parse(bootstrap, (key, value: unknown) =>
    key === 'tls_certificate_sds_secret_configs' ? undefined : value,
  )
  const data = { ...files, 'envoy.json': JSON.stringify(bare) }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'without-identity' }, data }
}

/** It names the right fleet, and knows its server by the real authority. */
async function forged(real: ApiObject): Promise<Manifest> {
  const install = 'penstock'
  const keys = await createCertificateAuthority(install, { validMs, nowMs: Date.now() })
  const authority = createAuthority({ ...keys, install, nowMs: Date.now })
  const files = identityFiles(await authority.issueProxy(`${namespace}~${gatewayName}`, { validMs }))
  const encoded = Object.entries(files).map(([name, text]) => [name, Buffer.from(text).toString('base64')])
  const { 'ca.crt': trusted } = real['data'] as Readonly<Record<string, string>>
  const data = { ...Object.fromEntries(encoded), 'ca.crt': trusted }
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'forged' }, data }
}
