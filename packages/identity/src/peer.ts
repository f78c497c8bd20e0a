// The identity that a client certificate holds. Whether it is to be trusted at all was TLS's to find out.
import type { X509Certificate } from 'node:crypto'
import { notAfterMs } from './bundle.ts'
import type { Identified, Refused } from './identified.ts'
import { fleetOfIdentity } from './spiffe.ts'

export interface PeerCheck {
  readonly install: string
  readonly nowMs: number
}

/** Exactly one name of type URI (X.509-SVID, section 2), and it is a fleet's. */
export function identifyCertificate(certificate: X509Certificate, { install, nowMs }: PeerCheck): Identified | Refused {
  const expiresMs = notAfterMs(certificate)
  if (!(expiresMs > nowMs)) return { refused: 'expired' }
  const [uri, ...more] = urisOf(certificate)
  const named = uri === undefined || more.length > 0 ? undefined : fleetOfIdentity(uri)
  if (!named) return { refused: 'no_fleet' }
  if (named.install !== install) return { refused: 'other_install' }
  return { fleet: named.fleet, expiresMs }
}

// Node prints `URI:spiffe://…, DNS:…`, and as JSON in quotes what could be taken for more than one name.
const name = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)/gy

/** None if there is anything in the names that cannot be read. */
function urisOf({ subjectAltName = '' }: X509Certificate): string[] {
  const names = [...subjectAltName.matchAll(name)]
  if (names.reduce((sum, [whole]) => sum + whole.length, 0) !== subjectAltName.length) return []
  return names.flatMap(([, type, value = '']) => (type === 'URI' ? [value] : []))
}
