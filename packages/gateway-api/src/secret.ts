// A Secret in its two forms: as Kubernetes holds it, and as it crosses the bus, where the private key is sealed and the
// facts of the certificate stand beside it, so that who reads it never has to open it.
import type { Resource } from './resource.ts'

export interface Secret extends Resource<'Secret'> {
  readonly type?: string
  /** Base64. Admission folds stringData into it. */
  readonly data?: Readonly<Record<string, string>>
}

export interface SealedSecret extends Resource<'Secret'> {
  readonly type?: string
  /** Base64; only what is no secret, such as `ca.crt`. */
  readonly data?: Readonly<Record<string, string>>
  /** For a Secret that holds a certificate, or should. */
  readonly tls?: SealedTls | TlsProblem
}

export interface SealedTls {
  readonly chainPem: string
  readonly keyPem: SealedText
  readonly facts: CertificateFacts
}

/** Why there is no certificate to serve, in words for the condition's message. */
export interface TlsProblem {
  readonly problem: string
}

/** The JSON form of a sealed value; the box is base64. */
export interface SealedText {
  readonly keyId: string
  readonly subject: string
  readonly box: string
}

export interface CertificateFacts {
  readonly dnsNames: readonly string[]
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** SHA-256 of the leaf in DER, lower-case hex. */
  readonly fingerprint: string
}
