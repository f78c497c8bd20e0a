import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { createAdmission } from './admission.ts'

const { admit } = createAdmission()

const inGolden = (file: string): string =>
  readFileSync(join(import.meta.dirname, '../../../../golden/tls', file), 'utf8')
const authority = inGolden('ca.pem')
/** The certificate of a server, without its key. */
const [leaf = ''] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(inGolden('backend.pem')) ?? []
const inPem = (type: string, body: string): string => `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`

const bundle = (name: string, spec: object, version = 'v1') => ({
  apiVersion: `certificates.k8s.io/${version}`,
  kind: 'ClusterTrustBundle',
  metadata: { name },
  spec,
})

describe('a ClusterTrustBundle is admitted', () => {
  it.each<[string, object]>([
    ['with a plain name', bundle('anchors', { trustBundle: authority })],
    ['of a signer', bundle('a.b:c.d:v1', { signerName: 'a.b/c.d', trustBundle: authority })],
    ['with words between', bundle('anchors', { trustBundle: `the first\n${authority}\nthe last` })],
    ['in the older version', bundle('anchors', { trustBundle: authority }, 'v1beta1')],
    ['in the oldest version', bundle('anchors', { trustBundle: authority }, 'v1alpha1')],
  ])('%s', (_, document) => {
    expect(admit(document)).toMatchObject({ object: { apiVersion: 'certificates.k8s.io/v1' } })
  })
})

describe('a ClusterTrustBundle is refused', () => {
  it.each<[string, object, string]>([
    [
      'without any',
      bundle('anchors', {}),
      'spec.trustBundle: Invalid value: at least one trust anchor must be provided',
    ],
    [
      'without a spec',
      { apiVersion: 'certificates.k8s.io/v1', kind: 'ClusterTrustBundle', metadata: { name: 'anchors' } },
      'spec.trustBundle: Invalid value: at least one',
    ],
    ['of plain text', bundle('anchors', { trustBundle: 'x' }), 'spec.trustBundle: Invalid value: at least one'],
    [
      'of a key',
      bundle('anchors', { trustBundle: authority + inPem('PRIVATE KEY', 'AAAA') }),
      'spec.trustBundle: Invalid value: entry 1 has bad block type: PRIVATE KEY',
    ],
    [
      'of a broken certificate',
      bundle('anchors', { trustBundle: authority + inPem('CERTIFICATE', 'AAAA') }),
      'spec.trustBundle: Invalid value: entry 1 does not parse as X.509',
    ],
    [
      'with headers',
      bundle('anchors', { trustBundle: inPem('CERTIFICATE', 'Note: x\n\nAAAA') }),
      'spec.trustBundle: Invalid value: entry 0 has PEM block headers',
    ],
    [
      'of a server',
      bundle('anchors', { trustBundle: leaf }),
      'spec.trustBundle: Invalid value: entry 0 does not have the CA bit set',
    ],
    [
      'that says it twice',
      bundle('anchors', { trustBundle: authority + authority }),
      'spec.trustBundle: Invalid value: entry 1 is a duplicate trust anchor',
    ],
    [
      'that is too long',
      bundle('anchors', { trustBundle: authority + ' '.repeat(1024 * 1024) }),
      'spec.trustBundle: Invalid value: may not be more than 1048576 bytes',
    ],
    [
      'whose name has a signer that it does not name',
      bundle('a.b:c:v1', { trustBundle: authority }),
      'metadata.name: Invalid value: "a.b:c:v1": without spec.signerName',
    ],
    [
      'whose name lacks its signer',
      bundle('anchors', { signerName: 'a.b/c', trustBundle: authority }),
      'metadata.name: Invalid value: "anchors": with this spec.signerName it begins with a.b:c:',
    ],
    [
      'whose signer has no domain',
      bundle('a:c:v1', { signerName: 'a/c', trustBundle: authority }),
      'spec.signerName: Invalid value: "a/c": should be a domain',
    ],
    [
      'whose signer is one word',
      bundle('c:v1', { signerName: 'c', trustBundle: authority }),
      'spec.signerName: Invalid value: "c": must be a fully qualified domain and path',
    ],
    ['with a misspelt field', bundle('anchors', { trustbundle: authority }), 'spec.trustbundle: unknown field'],
    [
      'whose name is none',
      bundle('-a', { trustBundle: authority }),
      'metadata.name: Invalid value: "-a": a lowercase RFC 1123 subdomain',
    ],
  ])('%s', (_, document, problem) => {
    const admitted = admit(document)
    const problems = 'refused' in admitted ? admitted.refused.map(({ path, reason }) => `${path}: ${reason}`) : []
    expect(problems).toEqual([expect.stringContaining(problem)])
  })
})
