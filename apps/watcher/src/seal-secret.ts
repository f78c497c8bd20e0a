// A Secret as it crosses the bus: the private key sealed, the facts of its certificate beside it, nothing else that is
// secret. What is wrong with the certificate becomes a problem in words, for the listener's condition
// (Gateway API, ListenerTLSConfig.certificateRefs: InvalidCertificateRef).
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { Sealer } from '@penstock/bus'
import type { CertificateFacts, SealedSecret, SealedTls, Secret, TlsProblem } from '@penstock/gateway-api'

const tlsType = 'kubernetes.io/tls'

/** `subject` is that of the Secret's record: a sealed key is worth nothing in another place. */
export function sealSecret(secret: Secret, subject: string, sealer: Sealer): SealedSecret {
  const { apiVersion, kind, metadata, type, data = {} } = secret
  const holdsCertificate = type === tlsType || 'tls.crt' in data || 'tls.key' in data
  const authority = data['ca.crt']
  return {
    apiVersion,
    kind,
    metadata,
    ...(type === undefined ? {} : { type }),
    ...(authority === undefined ? {} : { data: { 'ca.crt': authority } }),
    ...(holdsCertificate ? { tls: sealCertificate(data, subject, sealer) } : {}),
  }
}

function sealCertificate(data: NonNullable<Secret['data']>, subject: string, sealer: Sealer): SealedTls | TlsProblem {
  const [chain, key] = [text(data['tls.crt']), text(data['tls.key'])]
  if (chain === '') return { problem: 'tls.crt is missing or empty' }
  if (key === '') return { problem: 'tls.key is missing or empty' }
  const certificates = readChain(chain)
  const [leaf] = certificates
  if (!leaf) return { problem: 'tls.crt holds no certificate in PEM that can be read' }
  const privateKey = readKey(key)
  if (!privateKey) return { problem: 'tls.key holds no private key in PEM that can be read without a password' }
  if (!leaf.checkPrivateKey(privateKey)) return { problem: 'tls.key is not the key of the certificate in tls.crt' }
  if (!isServable(leaf.publicKey)) {
    return {
      problem:
        'tls.key is none of RSA with 2048 bits or more and a short exponent, ECDSA on P-256, P-384 or P-521, and Ed25519',
    }
  }

  const sealed = sealer.seal(subject, Buffer.from(key))
  return {
    chainPem: certificates.map((certificate) => certificate.toString()).join(''),
    keyPem: { keyId: sealed.keyId, subject: sealed.subject, box: Buffer.from(sealed.box).toString('base64') },
    facts: factsOf(leaf),
  }
}

const text = (base64: string | undefined): string =>
  Buffer.from(base64 ?? '', 'base64')
    .toString('utf8')
    .trim()

// A chain counts as a whole or not at all: proxies refuse one that is broken in the middle.
function readChain(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch {
    return []
  }
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

/** A proxy refuses a certificate with any other key, and with it the listener that names it. */
function isServable(key: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return modulusLength >= 2_048 && publicExponent < 2n ** 33n
    case 'ec':
      return ['prime256v1', 'secp384r1', 'secp521r1'].includes(namedCurve) && isNamed(key)
    default:
      return key.asymmetricKeyType === 'ed25519'
  }
}

/** Whether the curve is named: its parameters in full take more than twice the bytes of the largest key without them. */
const isNamed = (key: KeyObject): boolean => key.export({ type: 'spki', format: 'der' }).length < 200

function factsOf(leaf: X509Certificate): CertificateFacts {
  return {
    dnsNames: dnsNamesOf(leaf.subjectAltName ?? ''),
    notBeforeMs: leaf.validFromDate.getTime(),
    notAfterMs: leaf.validToDate.getTime(),
    fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
  }
}

// "DNS:a.example, IP Address:10.0.0.1, DNS:b.example"; a name with odd characters comes as a JSON string.
function dnsNamesOf(subjectAltName: string): string[] {
  return [...subjectAltName.matchAll(/DNS:("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, name = '']) =>
    (name.startsWith('"') ? (JSON.parse(name) as string) : name).toLowerCase(),
  )
}
