// What holds for a ClusterTrustBundle beyond its schema: its name begins with its signer's, and its text is certificates of
// authorities in PEM, each once (Kubernetes: pkg/apis/certificates/validation, ValidateClusterTrustBundle).
import { X509Certificate } from 'node:crypto'
import type { ClusterTrustBundle } from '../cluster-trust-bundle.ts'
import { dns1123Label, dns1123Subdomain } from './names.ts'
import { invalid, type Problem } from './refusal.ts'

const maxBytes = 1024 * 1024

export function trustBundleProblems(
  name: string,
  { signerName = '', trustBundle }: ClusterTrustBundle['spec'],
): Problem[] {
  return [
    ...nameProblems(name, signerName).map((problem) => invalid('metadata.name', name, problem)),
    ...(signerName === '' ? [] : signerProblems(signerName)).map((problem) =>
      invalid('spec.signerName', signerName, problem),
    ),
    ...textProblems(trustBundle).map((detail) => ({ path: 'spec.trustBundle', fault: 'Invalid value', detail })),
  ]
}

function nameProblems(name: string, signerName: string): string[] {
  if (signerName === '') {
    return name.includes(':') ? ['without spec.signerName there is no ":" in it'] : dns1123Subdomain(name)
  }
  const prefix = `${signerName.replaceAll('/', ':')}:`
  if (!name.startsWith(prefix)) return [`with this spec.signerName it begins with ${prefix}`]
  return dns1123Subdomain(name.slice(prefix.length))
}

/** `example.com/signer` */
function signerProblems(signerName: string): string[] {
  const [domain = '', path, ...rest] = signerName.split('/')
  if (path === undefined || rest.length > 0) {
    return ["must be a fully qualified domain and path of the form 'example.com/signer-name'"]
  }
  const labels = domain.split('.')
  return [
    ...(labels.length < 2 ? ['should be a domain with at least two segments separated by dots'] : []),
    ...labels.flatMap(dns1123Label).slice(0, 1),
    ...path.split('.').flatMap(dns1123Subdomain).slice(0, 1),
    ...(domain.length > 253 || signerName.length > 571 ? ['is too long'] : []),
  ]
}

function textProblems(text: string): string[] {
  if (Buffer.byteLength(text) > maxBytes) return [`may not be more than ${maxBytes} bytes`]
  const blocks = [...text.matchAll(/^-----BEGIN (.*)-----[\t\r ]*\n([^]*?)^-----END \1-----/gm)]
  if (blocks.length === 0) return ['at least one trust anchor must be provided']
  const seen = new Set<string>()
  return blocks.flatMap(([block, type = '', body = ''], at) => {
    if (type !== 'CERTIFICATE') return [`entry ${at} has bad block type: ${type}`]
    if (body.includes(':')) return [`entry ${at} has PEM block headers`]
    const certificate = readCertificate(block)
    if (certificate === undefined) return [`entry ${at} does not parse as X.509`]
    if (!certificate.ca) return [`entry ${at} does not have the CA bit set`]
    if (seen.has(certificate.fingerprint256)) return [`entry ${at} is a duplicate trust anchor`]
    seen.add(certificate.fingerprint256)
    return []
  })
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}
