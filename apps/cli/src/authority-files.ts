// The authority of an installation and the certificates of its servers, as files: made once, kept while they are good.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { identityFiles, isIssuedBy } from '@penstock/identity'
import { type Authority, createAuthority, createCertificateAuthority } from '@penstock/identity/authority'
import { readIfThere, writePrivately } from './service-secrets.ts'

const dayMs = 86_400_000
const authorityValidMs = 3_650 * dayMs
const serverValidMs = 365 * dayMs

export const authorityFolder = 'identity-ca'
export const serverFolder = (service: string): string => join('tls', service)

/** What proxies connect to, and what services do. */
export const servers = ['xds-server', 'agentgateway-server', 'nats'] as const

export interface AuthorityFilesOptions {
  /** Where `identity-ca/` and `tls/<service>/` go. */
  dir: string
  install: string
  /** Where the services run, if they run in a cluster. */
  namespace?: string | undefined
  xds: readonly { host: string }[]
}

/** Returns the files that were written. */
export async function prepareAuthority(options: AuthorityFilesOptions): Promise<string[]> {
  const { dir, install } = options
  const folder = join(dir, authorityFolder)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const written: string[] = []
  const [certificate, key] = ['ca.crt', 'ca.key'].map((file) => join(folder, file)) as [string, string]
  // One without the other is left to whoever has it: a new authority would shut out every proxy of the old one.
  if (readIfThere(certificate) === undefined && readIfThere(key) === undefined) {
    const made = await createCertificateAuthority(install, { validMs: authorityValidMs, nowMs: Date.now() })
    writePrivately(key, made.keyPem)
    writePrivately(certificate, made.certificatePem)
    written.push(certificate, key)
  }
  const authority = openAuthority(folder, install)
  for (const service of servers) written.push(...(await prepareServer(authority, service, options)))
  return written
}

/** Of a folder with `ca.crt` and `ca.key`. */
export function openAuthority(folder: string, install: string): Authority {
  const [certificatePem, keyPem] = ['ca.crt', 'ca.key'].map((file) => {
    const content = readIfThere(join(folder, file))
    if (content === undefined) throw new Error(`${join(folder, file)} is missing: penstock prepare makes an authority`)
    return `${content}\n`
  }) as [string, string]
  try {
    return createAuthority({ install, certificatePem, keyPem, nowMs: Date.now })
  } catch (thrown) {
    throw new Error(`${folder} holds no authority: ${thrown instanceof Error ? thrown.message : thrown}`, {
      cause: thrown,
    })
  }
}

async function prepareServer(
  authority: Authority,
  service: string,
  { dir, namespace, xds }: AuthorityFilesOptions,
): Promise<string[]> {
  const folder = join(dir, serverFolder(service))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const inCluster = namespace === undefined ? [] : clusterNames(service, namespace)
  const names = new Set(['localhost', '127.0.0.1', '::1', ...xds.map(({ host }) => host), ...inCluster])
  if (isGood(folder, authority, [...names])) return []
  const issuing = { validMs: serverValidMs, isPeer: service === 'nats' }
  const files = identityFiles(await authority.issueService([...names], issuing))
  return writeFiles(folder, files)
}

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): string[] {
  return Object.entries(files).map(([name, content]) => {
    const file = join(folder, name)
    writePrivately(file, content)
    return file
  })
}

function clusterNames(service: string, namespace: string): string[] {
  const inFull = [`.${namespace}`, `.${namespace}.svc`, `.${namespace}.svc.cluster.local`]
  const names = ['', ...inFull].map((suffix) => service + suffix)
  // Servers of NATS call each other by names of their own.
  return service === 'nats' ? [...names, ...inFull.map((suffix) => `*.nats-servers${suffix}`)] : names
}

/** It is signed by who signs now, for all these names, with a third of its life left, and so is what it trusts. */
function isGood(folder: string, authority: Authority, names: readonly string[]): boolean {
  const [certificatePem, keyPem, caPem] = ['tls.crt', 'tls.key', 'ca.crt'].map((file) =>
    readIfThere(join(folder, file)),
  )
  if (certificatePem === undefined || keyPem === undefined || caPem !== authority.caPem.trim()) return false
  try {
    const certificate = new X509Certificate(certificatePem)
    const covers = (name: string): unknown =>
      isIP(name) === 0 ? certificate.checkHost(name.replace('*', 'any')) : certificate.checkIP(name)
    const isFresh = Date.parse(certificate.validTo) - Date.now() > serverValidMs / 3
    const isOwn = certificate.checkPrivateKey(createPrivateKey(keyPem)) && isIssuedBy(certificate, authority.signerPem)
    return isFresh && isOwn && names.every(covers)
  } catch {
    // It cannot be read.
    return false
  }
}
