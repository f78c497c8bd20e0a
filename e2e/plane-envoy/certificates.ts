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
  /** It was good until the first of June 2026. */
  expired: {
    chainPem: `-----BEGIN CERTIFICATE-----
MIIBbDCCARKgAwIBAgIBATAKBggqhkjOPQQDAjAeMRwwGgYDVQQDDBNleHBpcmVk
LmV4YW1wbGUuY29tMB4XDTI2MDEwMTAwMDAwMFoXDTI2MDYwMTAwMDAwMFowHjEc
MBoGA1UEAwwTZXhwaXJlZC5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49
AwEHA0IABIJ/UlF6VDypCSP6wj+Q9OZdiIplKT/eTwg98Wq1B3FfOm7MxdxjM5F2
d20WEvwlZvXkaO16ACVyGgfj5UmAfhejQTA/MB4GA1UdEQQXMBWCE2V4cGlyZWQu
ZXhhbXBsZS5jb20wHQYDVR0OBBYEFAdpRID9Vp12IChA2vj5UFisbO8FMAoGCCqG
SM49BAMCA0gAMEUCIQCXgFdkShc5UvzFNAIAsduYaBI2jCLou80GNUnDlru9ngIg
SxWz/dW8TM+cOtwAnSWQwb3Unf2MxeKDB5sSSscipY4=
-----END CERTIFICATE-----
`,
    keyPem: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTUXDzbI/KfYv1ObQ
JnKXncKDx4VPLRgKmw0dW1PBBNOhRANCAASCf1JRelQ8qQkj+sI/kPTmXYiKZSk/
3k8IPfFqtQdxXzpuzMXcYzORdndtFhL8JWb15GjtegAlchoH4+VJgH4X
-----END PRIVATE KEY-----
`,
  },
  /** On a curve that no proxy takes, P-224. */
  odd: {
    chainPem: `-----BEGIN CERTIFICATE-----
MIIBhDCCATOgAwIBAgIUdVZqvzh/CE0EhTox/knF8N7oMWowCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEcDIyNDAgFw0yNjExMjExOTQ1MTJaGA8yMTI2MTAyODE5NDUx
MlowDzENMAsGA1UEAwwEcDIyNDBOMBAGByqGSM49AgEGBSuBBAAhAzoABPOACBZ2
Is13NIIo1qiGsqL//yBnlLrE8P40gSJs6jcpbkR/OcKFsaWDeRxURkq3/hADU4Ts
qX5so3YwdDAdBgNVHQ4EFgQUHkrMSlhqWMEinIUWHIRx48aLWHowHwYDVR0jBBgw
FoAUHkrMSlhqWMEinIUWHIRx48aLWHowDwYDVR0TAQH/BAUwAwEB/zAhBgNVHREE
GjAYghZzZWN1cmUuY3VscHJpdC5leGFtcGxlMAoGCCqGSM49BAMCAz8AMDwCHB/X
2oppBW+Ked0GfeU43Dg0wE4haZrtrxme720CHDfM5WzALN+Isn7TJP3sTRlK8aG1
BkN8O4d9BM0=
-----END CERTIFICATE-----
`,
    keyPem: `-----BEGIN PRIVATE KEY-----
MHgCAQAwEAYHKoZIzj0CAQYFK4EEACEEYTBfAgEBBByhpOaSHrcLby4QAL8Qd7rC
FMYmfsVKTM5LLoq+oTwDOgAE84AIFnYizXc0gijWqIayov//IGeUusTw/jSBImzq
NyluRH85woWxpYN5HFRGSrf+EANThOypfmw=
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
