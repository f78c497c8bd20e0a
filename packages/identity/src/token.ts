// Tokens for proxies that present no certificate: a JWT (RFC 7519) signed with the authority's key.
import type { KeyObject } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import { notAfterMs, readBundle } from './bundle.ts'
import type { Identified, Refused } from './identified.ts'
import { fleetOfIdentity } from './spiffe.ts'
import { clockSkewMs, type Validity } from './validity.ts'

// One algorithm, whatever the token says of itself (RFC 8725, section 3.1).
const alg = 'ES256'
const typ = 'penstock-identity+jwt'
export const tokenAudience = 'agentgateway-server.penstock.dev'

export const signToken = (subject: string, key: KeyObject, { notBeforeMs, notAfterMs: endMs }: Validity) =>
  new SignJWT()
    .setProtectedHeader({ alg, typ })
    .setSubject(subject)
    .setAudience(tokenAudience)
    .setNotBefore(notBeforeMs / 1_000)
    .setExpirationTime(endMs / 1_000)
    .sign(key)

export interface TokenCheck {
  readonly install: string
  /** Any of these authorities may have signed. */
  readonly caPem: string
  readonly nowMs: number
}

/** Far above any of ours: nothing larger is worth a look. */
const maxTokenLength = 4_096

export async function verifyToken(token: string, { install, caPem, nowMs }: TokenCheck): Promise<Identified | Refused> {
  if (token.length > maxTokenLength) return { refused: 'unreadable' }
  let refused: Refused = { refused: 'untrusted' }
  for (const authority of readBundle(caPem)) {
    if (notAfterMs(authority) <= nowMs) continue
    const verdict = await verifyBy(authority.publicKey, token, { install, nowMs })
    if (!('refused' in verdict)) return verdict
    // What the one that signed it says counts.
    if (verdict.refused !== 'untrusted') refused = verdict
  }
  return refused
}

async function verifyBy(
  key: KeyObject,
  token: string,
  { install, nowMs }: Omit<TokenCheck, 'caPem'>,
): Promise<Identified | Refused> {
  try {
    const { payload } = await jwtVerify(token, key, {
      ...{ algorithms: [alg], typ, audience: tokenAudience, requiredClaims: ['sub', 'exp', 'nbf'] },
      ...{ currentDate: new Date(nowMs), clockTolerance: clockSkewMs / 1_000 },
    })
    const named = fleetOfIdentity(payload.sub ?? '')
    if (!named) return { refused: 'no_fleet' }
    if (named.install !== install) return { refused: 'other_install' }
    return { fleet: named.fleet, expiresMs: (payload.exp ?? 0) * 1_000 + clockSkewMs }
  } catch (thrown) {
    return { refused: reasonOf(thrown) }
  }
}

function reasonOf(thrown: unknown): Refused['refused'] {
  if (thrown instanceof errors.JWTExpired) return 'expired'
  if (thrown instanceof errors.JWSSignatureVerificationFailed) return 'untrusted'
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    return thrown.claim === 'nbf' ? 'not_yet_valid' : 'wrong_use'
  }
  return 'unreadable'
}
