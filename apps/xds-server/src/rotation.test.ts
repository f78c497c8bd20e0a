// Everything that a proxy and its server know each other by is replaced while a real Envoy is connected.
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it } from '@jest/globals'
import { basics, type DeliveryRig, fleet, rule, startDeliveryRig } from '@penstock/delivery/rig'
import { identityFiles } from '@penstock/identity'
import {
  type Authority,
  type AuthorityKeys,
  createAuthority,
  createCertificateAuthority,
} from '@penstock/identity/authority'
import { secretFiles } from '@penstock/plane-envoy'
import { replaceFiles, startEnvoy, until } from '@penstock/testkit'
import { startXdsServer, type XdsService } from './start.ts'

const install = 'test'
const validMs = 3_600_000
const host = '127.0.0.1'

const newKeys = (): Promise<AuthorityKeys> => createCertificateAuthority(install, { validMs, nowMs: Date.now() })
const authorityOf = (keys: AuthorityKeys): Authority => createAuthority({ install, ...keys, nowMs: Date.now })

/** A wire that can be cut, so that what is at its ends has to connect anew. */
async function startWire(port: number): Promise<AsyncDisposable & { readonly port: number; cut(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, host)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => [near, far].forEach((each) => each.destroy()))
    }
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const cut = (): void => sockets.forEach((socket) => socket.destroy())
  return {
    ...{ port: (server.address() as AddressInfo).port, cut },
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The number of the certificate that the server shows. */
const shownBy = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2'] }, () => {
      resolve(socket.getPeerX509Certificate()?.serialNumber ?? '')
      socket.resume().end()
    }).on('error', reject)
  })

const numberOf = (pem: string): string => new X509Certificate(pem).serialNumber

interface Scene extends AsyncDisposable {
  readonly rig: DeliveryRig<XdsService>
  readonly folders: { readonly server: string; readonly proxy: string }
}

async function startScene(authority: Authority): Promise<Scene> {
  const stack = new AsyncDisposableStack()
  const newFolder = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'penstock-rotation-'))
    stack.defer(() => rm(folder, { recursive: true }))
    await replaceFiles(folder, files)
    return folder
  }
  const server = await newFolder(identityFiles(await authority.issueService([host], { validMs })))
  const proxy = await newFolder(identityFiles(await authority.issueProxy(fleet, { validMs })))
  await replaceFiles(proxy, secretFiles(proxy))
  const rig = stack.use(
    await startDeliveryRig<XdsService>({
      service: 'xds-server',
      start: (parts) => startXdsServer({ ...parts, config: { ...parts.config, install, xdsTls: server } }),
    }),
  )
  return { rig, folders: { server, proxy }, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

describe('while an Envoy is connected', () => {
  it('certificates and authorities are replaced, and its stream goes on', async () => {
    const [oldKeys, newerKeys] = await Promise.all([newKeys(), newKeys()])
    const both = oldKeys.certificatePem + newerKeys.certificatePem
    const [old, newer] = [authorityOf(oldKeys), authorityOf({ ...newerKeys, certificatePem: both })]
    await using scene = await startScene(old)
    const { rig, folders } = scene
    await using wire = await startWire(rig.service.port)
    await rig.commit(...basics)
    await using envoy = await startEnvoy({
      ...{ xdsPort: wire.port, fleet },
      bootstrap: { identity: { serverName: host, folder: folders.proxy } },
    })
    await envoy.waitUntilLive()
    const proxies = () => rig.feedback.get(`${fleet}/xds-server.x1`)?.proxies ?? []
    await until('it is told of', () => proxies().length === 1)
    const since = proxies()[0]?.connectedSinceMs
    let generation = 1
    const editArrives = async (): Promise<void> => {
      generation += 1
      const commit = await rig.commit(rule('foo', `/v${generation}`, generation))
      await until(`edit ${generation} arrives`, () => (proxies()[0]?.acknowledgedCommit ?? 0) >= commit)
    }
    const serverTakes = async (files: Readonly<Record<string, string>>): Promise<void> => {
      const before = taken(rig)
      await replaceFiles(folders.server, files)
      await until('the server takes it', () => taken(rig) > before)
    }
    const envoyHolds = (text: string): Promise<void> =>
      envoy.waitFor(`it holds ${text}`, async () => (await envoy.admin('/certs')).includes(text.toLowerCase()))
    await editArrives()

    const server = await old.issueService([host], { validMs })
    await replaceFiles(folders.server, identityFiles(server))
    await until(
      'the server shows it',
      async () => (await shownBy(rig.service.port)) === numberOf(server.certificatePem),
    )
    await editArrives()

    await serverTakes({ 'ca.crt': both })
    await replaceFiles(folders.proxy, { 'ca.crt': both })
    await envoyHolds(numberOf(newerKeys.certificatePem))
    await editArrives()

    const [newServer, newProxy] = await Promise.all([
      newer.issueService([host], { validMs }),
      newer.issueProxy(fleet, { validMs }),
    ])
    await serverTakes(identityFiles(newServer))
    await replaceFiles(folders.proxy, identityFiles(newProxy))
    await envoyHolds(numberOf(newProxy.certificatePem))
    await editArrives()

    await serverTakes({ 'ca.crt': newerKeys.certificatePem })
    await replaceFiles(folders.proxy, { 'ca.crt': newerKeys.certificatePem })
    await editArrives()

    expect(proxies()[0]?.connectedSinceMs).toEqual(since)
    expect((await envoy.stats('cluster.penstock-xds.upstream_cx_total')).values().next().value).toBe(1)

    // What it holds now is good for a new connection.
    wire.cut()
    await until('it came back', () => proxies().some(({ connectedSinceMs }) => connectedSinceMs !== since))
    await editArrives()
    expect(rig.lines.filter(({ event }) => event === 'proxy refused')).toEqual([])
  }, 60_000)
})

const taken = (rig: DeliveryRig<XdsService>): number =>
  rig.lines.filter(({ event }) => event === 'identity_replaced').length
