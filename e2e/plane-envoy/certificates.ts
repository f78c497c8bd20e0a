// Self-signed certificates for tests, with names and keys that mean nothing anywhere else.
import type { IrRecord } from '@penstock/ir'
import { certificateKey } from '@penstock/ir'

interface Pair {
  readonly chainPem: string
  readonly keyPem: string
}

export const pairs = {
  one: {
    chainPem: `-----BEGIN CERTIFICATE-----
MIIBjzCCATWgAwIBAgIUaDh4X14aVX2Mitgxf+9e9SmrdNkwCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDb25lMCAXDTI2MTEyMTExMTA0NVoYDzIxMjYxMDI4MTExMDQ1
WjAOMQwwCgYDVQQDDANvbmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASN8b/F
Au/ObD2Bw0qUeNNPhyfCCqDhPJGQNtD7E6XzjOWnmVw/fn9GppO2+OVDpa55Nsy6
ps542g/qVnbHHGFpo28wbTAdBgNVHQ4EFgQUoskqDNr8l7HpRLc9D8XTywTdtlIw
HwYDVR0jBBgwFoAUoskqDNr8l7HpRLc9D8XTywTdtlIwDwYDVR0TAQH/BAUwAwEB
/zAaBgNVHREEEzARgg9vbmUuZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIg
FD8rA41f0v0PWIdujPFbFCRFb3TG+2EjHycUh3fOxGYCIQCqWxMBH8J5jpeDB8Dt
9HugRoyD/LIDpvk1ize0nNSJNg==
-----END CERTIFICATE-----
`,
    keyPem: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgS93iRKlRUzt8eh0G
zNGrIFwMmKqGYJPGCpxqcobWcXyhRANCAASN8b/FAu/ObD2Bw0qUeNNPhyfCCqDh
PJGQNtD7E6XzjOWnmVw/fn9GppO2+OVDpa55Nsy6ps542g/qVnbHHGFp
-----END PRIVATE KEY-----
`,
  },
  two: {
    chainPem: `-----BEGIN CERTIFICATE-----
MIIBjjCCATWgAwIBAgIUKUloTmp1+fc2fQHf5GQt+BRBoqAwCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDdHdvMCAXDTI2MTEyMTExMTA0NVoYDzIxMjYxMDI4MTExMDQ1
WjAOMQwwCgYDVQQDDAN0d28wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASNmPip
GdCCIwgSMpB1b5tLb5LUa5PB0hADQvsoF4n9v++26QhkLBGrfiDOCE7R+1+TKpxp
sQOn0K092LBXbwB/o28wbTAdBgNVHQ4EFgQUSTlzk4PAXcHqfTI/r+6nESGF5nww
HwYDVR0jBBgwFoAUSTlzk4PAXcHqfTI/r+6nESGF5nwwDwYDVR0TAQH/BAUwAwEB
/zAaBgNVHREEEzARgg90d28uZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDRwAwRAIg
bTebRnavgfbn0GYnXzt+6m7XIqsnN7autp2gZD1a//oCIGZPS8VfpRBr08hTmNOP
05uHi6nZVcNAEKWC2mttpP+1
-----END CERTIFICATE-----
`,
    keyPem: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/6Eo2FdE2Mas7bAC
w+LC1EP0LIkHLM+yENFnoNTTUH+hRANCAASNmPipGdCCIwgSMpB1b5tLb5LUa5PB
0hADQvsoF4n9v++26QhkLBGrfiDOCE7R+1+TKpxpsQOn0K092LBXbwB/
-----END PRIVATE KEY-----
`,
  },
  wild: {
    chainPem: `-----BEGIN CERTIFICATE-----
MIIBjzCCATWgAwIBAgIUaKsMyF7LCVRuw7VGRABI2L+vV5YwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEd2lsZDAgFw0yNjExMjExMTEwNDVaGA8yMTI2MTAyODExMTA0
NVowDzENMAsGA1UEAwwEd2lsZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCK8
KqXPJ2q0mMhdczTXXO4OS7VHHXx/Vl1r5vPCFO/F7XNBWTCUVWKZid0KteocxZY+
0hZJ+eKR2CfINMtwvzajbTBrMB0GA1UdDgQWBBRiT0jxpB80B1AavWtCVaxl6QlY
bTAfBgNVHSMEGDAWgBRiT0jxpB80B1AavWtCVaxl6QlYbTAPBgNVHRMBAf8EBTAD
AQH/MBgGA1UdEQQRMA+CDSouZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIg
N7W69nUEhcL4xzAPUhmM1bf2mhfUMxuiEencDbfLJ6MCIQD4CvNeabRRZlI4odwT
QFUX2ph7xSZJO2Xq8qNr5UJ5Rw==
-----END CERTIFICATE-----
`,
    keyPem: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTAA0VkoNmDY44LJK
+LLwjr05iAe3wqWevWqNlO3TM5ShRANCAAQivCqlzydqtJjIXXM011zuDku1Rx18
f1Zda+bzwhTvxe1zQVkwlFVimYndCrXqHMWWPtIWSfnikdgnyDTLcL82
-----END PRIVATE KEY-----
`,
  },
} as const satisfies Record<string, Pair>

/** The key is "sealed" as plain bytes, which the rig opens. */
export function certificate(name: string, { chainPem, keyPem }: Pair): { key: string; record: IrRecord } {
  const value = {
    ...{ namespace: 'default', name, chainPem },
    source: { group: '', kind: 'Secret', namespace: 'default', name, uid: name, generation: 1 },
    keyPem: { keyId: 'plain', subject: name, box: Buffer.from(keyPem) },
  }
  return { key: certificateKey(value), record: { kind: 'certificate', value } }
}
