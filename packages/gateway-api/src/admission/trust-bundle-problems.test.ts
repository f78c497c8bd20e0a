import { describe, expect, it } from '@jest/globals'
import { createAdmission } from './admission.ts'

const { admit } = createAdmission()

/** Nobody has its key. */
const authority = `-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUUhNTcpQ+LtTxcmITjn20ibTZmXwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJZ29sZGVuIGNhMCAXDTI2MTEyMTE3MDUxM1oYDzIxMjYxMDI4
MTcwNTEzWjAUMRIwEAYDVQQDDAlnb2xkZW4gY2EwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARlRa1Uheeo+c4zLD4ic0wJmrbP4NynV6gUF5hkFZ5u1EVRGtlWCmrz
YxfRtY4FfB90Jo3jq5AFkWfrMd/85V/Mo1MwUTAdBgNVHQ4EFgQUTjpf/dGMS1+U
bEuC7X2AQ59htAwwHwYDVR0jBBgwFoAUTjpf/dGMS1+UbEuC7X2AQ59htAwwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAifNZJlNXLju/ilqQBNxaq
Vq1K4Xov9QdBuF4i8wvXmgIgf5KLsA0xFB+062IZYsc4M63QJSpLPVuzzyDSiWqP
fw8=
-----END CERTIFICATE-----
`
/** The certificate of a server. */
const leaf = `-----BEGIN CERTIFICATE-----
MIIBxDCCAWugAwIBAgIUGIi263UjtGUzwbzOOcMeiPjsNI0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJZ29sZGVuIGNhMCAXDTI2MTEyMTE3MDUxNFoYDzIxMjYxMDI4
MTcwNTE0WjASMRAwDgYDVQQDDAdiYWNrZW5kMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAE19so6Rcljgwf3dUAHVuHHO3++MCMzrz/8+kXGTvwmageEo8uWjadlGgO
4j9s5nNFXJoLg9kDgj8NLizNgTAPr6OBmjCBlzBVBgNVHREETjBMgg9hYmMuZXhh
bXBsZS5jb22CEW90aGVyLmV4YW1wbGUuY29thiZzcGlmZmU6Ly9hYmMuZXhhbXBs
ZS5jb20vdGVzdC1pZGVudGl0eTAdBgNVHQ4EFgQUCpiTJX5KAqGr7LKhhTLWIGAZ
ib4wHwYDVR0jBBgwFoAUTjpf/dGMS1+UbEuC7X2AQ59htAwwCgYIKoZIzj0EAwID
RwAwRAIga9DduRZxfww/uS4QqRqbyvI3GxleKIFygVlGdqGkrEgCIGcN2WUtm9P9
EPxEmV4r03sjezAFwZm8V4iOdY06c+w2
-----END CERTIFICATE-----
`
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
