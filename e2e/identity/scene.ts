// A guarded xds-server with one fleet, and everything that its proxies and their enemies could have.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { basics, type DeliveryRig, fleet, startDeliveryRig } from '@penstock/delivery/rig'
import { identityFiles } from '@penstock/identity'
import { type Authority, createAuthority, createCertificateAuthority } from '@penstock/identity/authority'
import { envoyTypes } from '@penstock/plane-envoy'
import { replaceFiles } from '@penstock/testkit'
import type { DeltaClient } from '@penstock/xds'
import { startXdsServer, type XdsService } from '@penstock/xds-server'

export const install = 'test'
export const host = '127.0.0.1'
const validMs = 3_600_000

/** What a peer shows when it connects. */
export interface Shown {
  readonly ca: string
  readonly certificate?: string
  readonly key?: string
}

export interface Scene extends AsyncDisposable {
  readonly rig: DeliveryRig<XdsService>
  readonly authority: Authority
  /** By what is wrong with it; `good` is a proxy's own. */
  readonly identities: ReadonlyMap<string, Shown>
  /** A proxy that is what it says, and has all there is. */
  goodProxy(id: string): Promise<DeltaClient>
}

const newAuthority = async (name: string): Promise<Authority> =>
  createAuthority({
    ...{ install: name, nowMs: Date.now },
    ...(await createCertificateAuthority(name, { validMs, nowMs: Date.now() })),
  })

export async function startScene(): Promise<Scene> {
  const stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'penstock-guarded-'))
  stack.defer(() => rm(folder, { recursive: true }))
  const [authority, stranger, otherInstall] = await Promise.all([install, install, 'other'].map(newAuthority))
  if (!authority || !stranger || !otherInstall) throw new Error('three authorities')
  const files = identityFiles(await authority.issueService([host], { validMs }))
  // The other installation shares our authority's trust: only the name in its certificates keeps it out.
  const trusted = { ...files, 'ca.crt': authority.caPem + otherInstall.caPem }
  await replaceFiles(folder, trusted)
  const rig = stack.use(
    await startDeliveryRig<XdsService>({
      service: 'xds-server',
      start: (parts) => startXdsServer({ ...parts, config: { ...parts.config, install, xdsTls: folder } }),
    }),
  )
  await rig.commit(...basics)
  const ca = authority.caPem
  const shown = async (issued: ReturnType<Authority['issueProxy']>): Promise<Shown> => {
    const { certificatePem: certificate, keyPem: key } = await issued
    return { ca, certificate, key }
  }
  const identities = new Map<string, Shown>([
    ['good', await shown(authority.issueProxy(fleet, { validMs }))],
    ['none', { ca }],
    ['of another authority', await shown(stranger.issueProxy(fleet, { validMs }))],
    ['expired', await shown(authority.issueProxy(fleet, { validMs: -1_000 }))],
    ['without a name', await shown(authority.issueService([host], { validMs }))],
    ['of another installation', await shown(otherInstall.issueProxy(fleet, { validMs }))],
    ['of another fleet', await shown(authority.issueProxy('other', { validMs }))],
  ])
  return {
    ...{ rig, authority, identities },
    async goodProxy(id) {
      const client = rig.proxy(id, { tls: identities.get('good') as Shown })
      for (const type of ['cluster', 'listener', 'table', 'scope'] as const) client.subscribe(envoyTypes[type])
      await client.until(() => client.held(envoyTypes.listener).size === 1, 20_000)
      return client
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
