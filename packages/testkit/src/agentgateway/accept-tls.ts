// TLS of listeners and towards backends. A broken certificate of a listener makes a listener that refuses connections; a
// broken one towards a backend makes the whole resource refused.
import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { BackendTls } from './policy-tables.ts'
import type { TlsConfig } from './tables.ts'
import { enumerated, refuse, type Warn } from './verdict.ts'

/** How a listener ends TLS; `broken`: every handshake fails. */
export type AcceptedTls = TlsTermination | 'broken'

export interface TlsTermination {
  readonly cert: string
  readonly key: string
  /** Who has to have signed the certificates of clients. */
  readonly clientAuthorities?: string
  /** Whoever shows none, or another, is let in too. */
  readonly insecureFallback: boolean
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3'
}

export interface AcceptedBackendTls {
  readonly cert?: string
  readonly key?: string
  /** Absent: what the system trusts. */
  readonly authorities?: string
  readonly hostname?: string
  /** One of these in place of the hostname; URIs have a scheme. */
  readonly names: readonly string[]
  readonly verify: 'all' | 'chain' | 'nothing'
  readonly alpn?: readonly string[]
}

export function acceptTls(config: TlsConfig, warn: Warn): AcceptedTls {
  const [min, max] = [config.minVersion, config.maxVersion].map((version) => (version === 4 ? 4 : version && 3))
  for (const suite of config.cipherSuites) if (suite < 0 || suite > 9) warn(`unknown TLS cipher suite ${suite}`)
  warnOfGroups(config.keyExchangeGroups, warn)
  // These need what only a mesh has.
  if (config.certificateSource !== 0) warn(`certificate source ${config.certificateSource}: not for this client`)
  const key = text(config.privateKey)
  const cert = text(config.cert)
  const why = brokenPair(cert, key) ?? (config.root && brokenBundle(text(config.root)))
  const empty = min === 4 && max === 3 ? 'invalid TLS version range' : undefined
  if (why !== undefined || empty !== undefined) {
    warn(`TLS certificate is invalid: ${why ?? empty}`)
    return 'broken'
  }
  return {
    cert,
    key,
    ...(config.root && { clientAuthorities: text(config.root) }),
    insecureFallback: config.mtlsMode === 1,
    minVersion: min === 4 ? 'TLSv1.3' : 'TLSv1.2',
    maxVersion: max === 3 ? 'TLSv1.2' : 'TLSv1.3',
  }
}

export function acceptBackendTls(tls: BackendTls, warn: Warn): AcceptedBackendTls {
  const verification = enumerated(tls.verification, 2)
  warnOfGroups(tls.keyExchangeGroups, warn)
  const [cert, key, root] = [tls.cert, tls.key, tls.root].map((pem) => pem && text(pem))
  const why = cert !== undefined && key !== undefined ? brokenPair(cert, key) : undefined
  if (why !== undefined) refuse(why)
  if (root !== undefined && /BEGIN CERTIFICATE/.test(root) && brokenBundle(root) !== undefined) refuse('invalid root')
  if (tls.hostname !== undefined && !isServerName(tls.hostname)) refuse(`invalid server name ${tls.hostname}`)
  return {
    ...(cert !== undefined && key !== undefined && { cert, key }),
    ...(root !== undefined && { authorities: root }),
    ...(tls.hostname !== undefined && { hostname: tls.hostname }),
    names: tls.verifySubjectAltNames,
    verify: (['all', 'chain', 'nothing'] as const)[verification] ?? 'all',
    ...(tls.alpn && { alpn: tls.alpn.protocols }),
  }
}

const text = (pem: Uint8Array): string => Buffer.from(pem).toString()

const isServerName = (name: string): boolean => /^[A-Za-z0-9_]([A-Za-z0-9_.:-]*[A-Za-z0-9_])?$/.test(name)

function warnOfGroups(groups: readonly number[], warn: Warn): void {
  for (const group of groups) if (group < 0 || group > 4) warn(`unknown TLS key exchange group ${group}`)
}

function brokenPair(cert: string, key: string): string | undefined {
  if (!cert.includes('BEGIN CERTIFICATE')) return 'no certificate'
  return failureOf(() => createSecureContext({ cert, key }))
}

function brokenBundle(pem: string): string | undefined {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (certificates.length === 0) return 'no certificate authority'
  return failureOf(() => certificates.map((certificate) => new X509Certificate(certificate)))
}

function failureOf(attempt: () => unknown): string | undefined {
  try {
    attempt()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
