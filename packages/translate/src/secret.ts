// Secret: whether it can serve as a certificate, and the record that the servers open. The key stays sealed here.
import { objectKey, type SealedSecret, type SealedTls } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import type { IrRecord } from '@penstock/ir'
import { sourceOf } from './source.ts'

/** What a listener needs to know of a Secret: the same for every certificate that is good, so a rotation stops here. */
export interface CertificateCheck {
  /** Empty: it is good. */
  readonly problem: string
}

export function checkCertificate({ tls }: SealedSecret): CertificateCheck {
  if (tls === undefined) return { problem: 'it holds no tls.crt and tls.key' }
  return { problem: 'problem' in tls ? tls.problem.replace(/\.$/, '') : '' }
}

/** `key`: that of the certificate record. */
export function translateCertificate(
  key: string,
  read: Read,
  from: { readonly secrets: Collection<SealedSecret> },
): IrRecord | undefined {
  const [, namespace = '', name = ''] = key.split('/')
  const secret = read.get(from.secrets, objectKey({ group: '', kind: 'Secret', namespace, name }))
  if (secret?.tls === undefined || 'problem' in secret.tls) return undefined
  const { chainPem, keyPem, facts } = secret.tls satisfies SealedTls
  const sealed = {
    keyId: keyPem.keyId,
    subject: keyPem.subject,
    box: new Uint8Array(Buffer.from(keyPem.box, 'base64')),
  }
  return {
    kind: 'certificate',
    value: {
      source: sourceOf(secret),
      namespace,
      name,
      chainPem,
      keyPem: sealed,
      facts: { ...facts, dnsNames: [...facts.dnsNames] },
    },
  }
}
