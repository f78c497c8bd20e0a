// A real Envoy that shows its server who it is: with a certificate from a folder that is replaced as the kubelet does it,
// to a server that it knows by name and authority.
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { identityFiles } from '@penstock/identity'
import { type Authority, createAuthority, createCertificateAuthority } from '@penstock/identity/authority'
import { secretFiles } from '@penstock/plane-envoy'
import { startEnvoy, until } from '@penstock/testkit'

jest.setTimeout(60_000)

const validMs = 3_600_000
const serverName = 'localhost'
let stack: AsyncDisposableStack
let folder: string
let swaps = 0

beforeEach(async () => {
  stack = new AsyncDisposableStack()
  folder = await mkdtemp(join(tmpdir(), 'penstock-identity-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
})
afterEach(async () => stack.disposeAsync())

async function newAuthority(): Promise<Authority> {
  const keys = await createCertificateAuthority('test', { validMs, nowMs: Date.now() })
  return createAuthority({ ...keys, install: 'test', nowMs: Date.now })
}

/** Files in a folder that a link names; the link is replaced at one stroke. */
async function mount(files: Readonly<Record<string, string>>): Promise<string> {
  const at = join(folder, 'identity')
  const version = join(at, `..version-${(swaps += 1)}`)
  await mkdir(version, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(version, name), text)
  await symlink(version, join(at, '..data_tmp'))
  await rename(join(at, '..data_tmp'), join(at, '..data'))
  if (swaps > 1) return at
  for (const name of Object.keys(files)) await symlink(join('..data', name), join(at, name))
  return at
}

interface Server {
  readonly port: number
  /** The serial numbers of the certificates that were shown, one for each connection. */
  readonly shown: readonly string[]
  readonly names: readonly (string | undefined)[]
  cut(): void
}

async function startServer(authority: Authority, names: readonly string[]): Promise<Server> {
  const { certificatePem: cert, keyPem: key, caPem: ca } = await authority.issueService(names, { validMs })
  const server: Http2SecureServer = createSecureServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true })
  const sessions = new Set<ServerHttp2Session>()
  const [shown, asked]: [string[], (string | undefined)[]] = [[], []]
  server.on('session', (session) => {
    const peer = (session.socket as TLSSocket).getPeerX509Certificate()
    shown.push(`${peer?.serialNumber} ${peer?.subjectAltName}`)
    asked.push((session.socket as TLSSocket & { servername?: string }).servername)
    sessions.add(session)
    session.on('error', () => {})
    session.on('close', () => sessions.delete(session))
  })
  // What is cut ends with an error, on both sides.
  server.on('stream', (stream) => stream.on('error', () => {}))
  server.on('secureConnection', (socket) => socket.on('error', () => {}))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => sessions.forEach((session) => session.destroy())
  stack.defer(() => {
    cut()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, shown, names: asked, cut }
}

async function startProxy(port: number, files: Readonly<Record<string, string>>) {
  swaps = 0
  const identityFolder = await mount(files)
  for (const [name, text] of Object.entries(secretFiles(identityFolder))) await writeFile(join(folder, name), text)
  const identity = { serverName, folder }
  return stack.use(await startEnvoy({ xdsPort: port, fleet: 'default~web', bootstrap: { identity } }))
}

it('shows the identity of its fleet, and the next one when its files were replaced, without a restart', async () => {
  const authority = await newAuthority()
  const server = await startServer(authority, [serverName])
  const envoy = await startProxy(server.port, identityFiles(await authority.issueProxy('default~web', { validMs })))
  await until('it has come', () => server.shown.length > 0)
  expect(server.shown[0]).toMatch(/ URI:spiffe:\/\/test.penstock.dev\/fleet\/default\/web$/)
  expect(server.names).toEqual([serverName])
  const reads = async (): Promise<number> => {
    const name = 'cluster.penstock-xds.client_ssl_socket_factory.ssl_context_update_by_sds'
    return (await envoy.stats(`^${name}$`)).get(name) ?? 0
  }
  const before = await reads()
  await mount(identityFiles(await authority.issueProxy('default~web', { validMs })))
  await until('it has read the new one', async () => (await reads()) > before)
  server.cut()
  await until('it has come again', () => server.shown.length > 1)
  expect(server.shown[1]).not.toBe(server.shown[0])
})

it.each([
  ['of another name', 'fail_verify_san', async (authority: Authority) => [authority, ['other.example']] as const],
  ['of another authority', 'fail_verify_error', async () => [await newAuthority(), [serverName]] as const],
])('does not speak to a server %s', async (_, refusal, serverOf) => {
  const authority = await newAuthority()
  const [issuer, names] = await serverOf(authority)
  const server = await startServer(issuer, names)
  const envoy = await startProxy(server.port, identityFiles(await authority.issueProxy('default~web', { validMs })))
  await envoy.waitFor('it has refused', async ({ stats }) => {
    const refusals = await stats(`^cluster.penstock-xds.ssl.${refusal}$`)
    return [...refusals.values()].some((count) => count > 0)
  })
  expect(server.shown).toEqual([])
})
