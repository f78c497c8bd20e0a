// Who may be served what: which identity a proxy must show, and where none is asked for.
import { isIP } from 'node:net'
import { Fault } from '@penstock/fault'
import {
  type FolderIdentity,
  type Identified,
  identifyCertificate,
  isIssuedBy,
  type Refused,
  refusalWords,
  verifyToken,
  watchIdentityFolder,
} from '@penstock/identity'
import type { Gauge, Logger, Meter } from '@penstock/telemetry'
import type { Peer, ServerTls, XdsServerOptions } from '@penstock/xds'
import type { DeliveryConfig } from './settings.ts'

/** What proxies of a plane can show: a client certificate, or a token in the header of their stream. */
export type Proof = 'certificate' | 'token'

export type ProofConfig = Pick<DeliveryConfig, 'xdsHost'> &
  Partial<Pick<DeliveryConfig, 'xdsTls' | 'xdsPlaintext' | 'install'>>

export interface ProofOptions {
  readonly proof: Proof
  readonly config: ProofConfig
  readonly logger: Logger
  readonly meter: Meter
  onReplaced(tls: ServerTls): void
  nowMs?(): number
  /** How often the folder is read. */
  readonly everyMs?: number
}

export interface Guard extends Disposable {
  /** What the server is made with; empty: in the clear. */
  readonly server: Pick<XdsServerOptions, 'tls' | 'identify'>
}

export async function openGuard(options: ProofOptions): Promise<Guard> {
  const { proof, config, logger, meter, onReplaced, nowMs = Date.now, everyMs } = options
  const { xdsTls: folder = '', install = '' } = config
  if (folder === '') {
    refuseOpenPlaintext(config)
    return { server: {}, [Symbol.dispose]: () => {} }
  }
  const expiry: Gauge = meter.gauge(
    'penstock_xds_certificate_expiry_seconds',
    'When the certificate that proxies are shown expires, seconds since 1970',
  )
  const watched = await watchIdentityFolder({
    ...{ folder, logger, ...(everyMs !== undefined && { everyMs }) },
    onChange(identity) {
      onReplaced(tlsOf(identity, proof))
      expiry.set(identity.notAfterMs / 1_000)
    },
  })
  expiry.set(watched.identity.notAfterMs / 1_000)
  return {
    server: {
      tls: tlsOf(watched.identity, proof),
      async identify(peer) {
        const check = { install, caPem: watched.identity.caPem, nowMs: nowMs() }
        const verdict = proof === 'token' ? await byToken(peer, check) : byCertificate(peer, check)
        return 'refused' in verdict ? { ...verdict, says: refusalWords[verdict.refused] } : verdict
      },
    },
    [Symbol.dispose]: () => watched[Symbol.dispose](),
  }
}

function refuseOpenPlaintext({ xdsHost, xdsPlaintext = false }: ProofConfig): void {
  if (xdsPlaintext || isLoopback(xdsHost)) return
  throw new Fault(
    'setting_invalid',
    `PENSTOCK_XDS_TLS is not set and PENSTOCK_XDS_HOST is ${xdsHost}: anyone who reaches it would be given the private ` +
      'keys of every fleet. Set PENSTOCK_XDS_TLS (`penstock prepare` makes what it needs), or PENSTOCK_XDS_PLAINTEXT=true',
  )
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

const tlsOf = ({ certificatePem: certificate, keyPem: key, caPem }: FolderIdentity, proof: Proof): ServerTls => ({
  ...{ certificate, key },
  ...(proof === 'certificate' && { clientCa: caPem }),
})

interface Check {
  readonly install: string
  readonly caPem: string
  readonly nowMs: number
}

// OpenSSL's words for what is not simply a stranger's.
const distrusts: Readonly<Record<string, Refused['refused']>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not_yet_valid',
  INVALID_PURPOSE: 'wrong_use',
}

function byCertificate({ certificate, distrust }: Peer, check: Check): Identified | Refused {
  if (!certificate) return { refused: 'missing' }
  if (distrust !== undefined) return { refused: distrusts[distrust] ?? 'untrusted' }
  // TLS asked when the connection began; who is trusted may be others by now.
  if (!isIssuedBy(certificate, check.caPem)) return { refused: 'untrusted' }
  return identifyCertificate(certificate, check)
}

async function byToken({ authorization = '' }: Peer, check: Check): Promise<Identified | Refused> {
  const [, token] = /^Bearer +(\S+) *$/i.exec(authorization) ?? []
  if (token === undefined) return { refused: authorization === '' ? 'missing' : 'unreadable' }
  return verifyToken(token, check)
}
