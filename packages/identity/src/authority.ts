// Who issues identities: certificates for proxies and services, tokens for proxies that have no certificate. All are of
// one authority, a P-256 key whose certificate everyone trusts.
import { createPrivateKey } from 'node:crypto'
import { isIP } from 'node:net'
import { certificateOf, notAfterMs, readBundle } from './bundle.ts'
import {
  algorithm,
  type LeafOptions,
  makeAuthorityCertificate,
  makeKeys,
  makeLeafCertificate,
  privatePem,
  readIssuer,
} from './certificate.ts'
import { fleetIdentity } from './spiffe.ts'
import { signToken } from './token.ts'
import { clockSkewMs, type Validity, wholeSeconds } from './validity.ts'

export interface AuthorityKeys {
  /** All authorities that are trusted; the one of the key signs. */
  readonly certificatePem: string
  readonly keyPem: string
}

export interface AuthorityOptions extends AuthorityKeys {
  readonly install: string
  nowMs(): number
}

export interface Issuing {
  /** How long from now on; never longer than the authority itself is. */
  readonly validMs: number
}

export interface ServiceIssuing extends Issuing {
  /** It also shows it to others like itself. */
  readonly isPeer?: boolean
}

export interface IssuedCertificate extends Validity {
  readonly certificatePem: string
  readonly keyPem: string
  /** What its holder trusts. */
  readonly caPem: string
}

export interface IssuedToken extends Validity {
  readonly token: string
  readonly caPem: string
}

export interface Authority extends Validity {
  readonly caPem: string
  /** The one of them that signs. */
  readonly signerPem: string
  /** A client certificate with the fleet's identity as its one name. */
  issueProxy(fleet: string, issuing: Issuing): Promise<IssuedCertificate>
  /** A server certificate for names of DNS and addresses. */
  issueService(names: readonly string[], issuing: ServiceIssuing): Promise<IssuedCertificate>
  issueToken(fleet: string, issuing: Issuing): Promise<IssuedToken>
}

export interface NewAuthority extends Issuing {
  readonly nowMs: number
}

export async function createCertificateAuthority(install: string, options: NewAuthority): Promise<AuthorityKeys> {
  const keys = await makeKeys()
  const validity = { notBeforeMs: options.nowMs - clockSkewMs, notAfterMs: options.nowMs + options.validMs }
  return {
    certificatePem: await makeAuthorityCertificate(install, keys, validity),
    keyPem: privatePem(keys),
  }
}

/** Throws if the key cannot be read or none of the certificates is its own. */
export function createAuthority({ install, certificatePem, keyPem, nowMs }: AuthorityOptions): Authority {
  const key = createPrivateKey(keyPem)
  const own = certificateOf(readBundle(certificatePem), key)
  if (!own) throw new RangeError('no certificate of the authority belongs to its key')
  const signingKey = key.toCryptoKey(algorithm, false, ['sign'])
  const issuer = readIssuer(own)
  const ends = notAfterMs(own)
  const validity = ({ validMs }: Issuing): Validity => {
    const now = nowMs()
    return { notBeforeMs: now - clockSkewMs, notAfterMs: Math.min(now + validMs, ends) }
  }
  const issue = async (use: LeafOptions['use'], names: LeafOptions['names'], issuing: Issuing) => {
    const keys = await makeKeys()
    const valid = validity(issuing)
    const leaf = { use, names, publicKey: keys.publicKey, issuer, signingKey, ...valid }
    return {
      certificatePem: await makeLeafCertificate(leaf),
      ...{ keyPem: privatePem(keys), caPem: certificatePem, ...wholeSeconds(valid) },
    }
  }
  return {
    caPem: certificatePem,
    signerPem: own.toString(),
    ...{ notBeforeMs: Date.parse(own.validFrom), notAfterMs: ends },
    issueProxy: async (fleet, issuing) =>
      issue('client', [{ type: 'url', value: fleetIdentity(install, fleet) }], issuing),
    issueService: (names, issuing) =>
      issue(
        issuing.isPeer ? 'peer' : 'server',
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
        issuing,
      ),
    async issueToken(fleet, issuing) {
      const valid = wholeSeconds(validity(issuing))
      return { token: await signToken(fleetIdentity(install, fleet), key, valid), caPem: certificatePem, ...valid }
    },
  }
}
