// Whether an identity still serves: it is the fleet's, signed by the authority as it is now, and no more than two thirds
// of its life are over.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { type Identified, identifyCertificate, isIssuedBy, type Refused, verifyToken } from '@penstock/identity'
import type { Authority } from '@penstock/identity/authority'

/** Content by file name, as `identityFiles` of @penstock/identity names them. */
export type IdentityFiles = Readonly<Record<string, string>>

export interface IdentityLife {
  readonly fleet: string
  readonly install: string
  readonly authority: Pick<Authority, 'caPem' | 'signerPem' | 'notAfterMs'>
  /** For how long identities are issued. */
  readonly validMs: number
  readonly nowMs: number
}

/** Until it must be renewed; undefined: it must be now. */
export async function serviceableMs(files: IdentityFiles, life: IdentityLife): Promise<number | undefined> {
  const { authority } = life
  if (files['ca.crt'] !== authority.caPem) return undefined
  const { token } = files
  const found = token === undefined ? identifyFiles(files, life) : await identifyToken(token, life)
  if ('refused' in found || found.fleet !== life.fleet) return undefined
  // Nothing lives longer than its authority, and another would end no later.
  const endsWithAuthority = found.expiresMs >= authority.notAfterMs - 1_000
  const leftMs = found.expiresMs - (endsWithAuthority ? 0 : life.validMs / 3) - life.nowMs
  return leftMs > 0 ? leftMs : undefined
}

const identifyToken = (token: string, { install, authority, nowMs }: IdentityLife): Promise<Identified | Refused> =>
  verifyToken(token, { install, caPem: authority.signerPem, nowMs })

function identifyFiles(files: IdentityFiles, { install, authority, nowMs }: IdentityLife): Identified | Refused {
  try {
    const certificate = new X509Certificate(files['tls.crt'] ?? '')
    if (
      !isIssuedBy(certificate, authority.signerPem) ||
      !certificate.checkPrivateKey(createPrivateKey(files['tls.key'] ?? ''))
    ) {
      return { refused: 'untrusted' }
    }
    return identifyCertificate(certificate, { install, nowMs })
  } catch {
    return { refused: 'unreadable' }
  }
}
