// An identity as files: of a Secret that is mounted as a folder, or of a folder that someone filled by hand.
import type { IssuedCertificate, IssuedToken } from './authority.ts'

/** Content by file name: `tls.crt`, `tls.key` and `ca.crt`, or `token` and `ca.crt`. */
export function identityFiles(issued: IssuedCertificate | IssuedToken): Record<string, string> {
  if ('token' in issued) return { token: issued.token, 'ca.crt': issued.caPem }
  return { 'tls.crt': issued.certificatePem, 'tls.key': issued.keyPem, 'ca.crt': issued.caPem }
}
