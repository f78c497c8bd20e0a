// When a certificate is good. Clients decide whether they take one that is not, so its listener goes on serving it; its
// owner is told by a condition of our own, early enough to renew it.
import { objectKey, type SealedSecret } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import type { CertificateReference, Condition } from '@penstock/ir'
import type { Deadlines, Moment } from './deadlines.ts'
import { sentences } from './problem.ts'

/** Absent: there is nothing to say of it. */
export interface CertificateTrouble {
  readonly reason: 'Expired' | 'NotYetValid' | 'ExpiresSoon'
  readonly message: string
}

/** Worst first. */
const reasons: readonly CertificateTrouble['reason'][] = ['Expired', 'NotYetValid', 'ExpiresSoon']

const twoWeeksMs = 14 * 24 * 60 * 60 * 1_000

/** Of the Secret at `key`; none of one that holds no certificate. */
export function certificateDeadlines({ tls }: SealedSecret, key: string, warningMs = twoWeeksMs): Deadlines {
  if (tls === undefined || !('facts' in tls)) return []
  const { notBeforeMs, notAfterMs } = tls.facts
  return [
    [deadlineKeys.notBefore(key), notBeforeMs],
    [deadlineKeys.expiresSoon(key), notAfterMs - warningMs],
    [deadlineKeys.notAfter(key), notAfterMs],
  ]
}

/** Every deadline that the Secret at `key` may have had. */
export const deadlineKeysOf = (key: string): readonly string[] => Object.values(deadlineKeys).map((of) => of(key))

const deadlineKeys = {
  notBefore: (key: string) => `${key}#notBefore`,
  expiresSoon: (key: string) => `${key}#expiresSoon`,
  notAfter: (key: string) => `${key}#notAfter`,
}

export function certificateTrouble(
  { tls, metadata }: SealedSecret,
  key: string,
  read: Read,
  { moments }: { readonly moments: Collection<Moment> },
): CertificateTrouble | undefined {
  if (tls === undefined || 'problem' in tls) return undefined
  const { notBeforeMs, notAfterMs } = tls.facts
  const name = `The certificate of Secret ${metadata.namespace}/${metadata.name}`
  const isAt = (deadline: (key: string) => string, moment: Moment): boolean =>
    read.get(moments, deadline(key)) === moment
  if (isAt(deadlineKeys.notAfter, 'passed')) {
    return { reason: 'Expired', message: `${name} expired at ${time(notAfterMs)}: clients refuse it.` }
  }
  if (isAt(deadlineKeys.notBefore, 'ahead')) {
    return {
      reason: 'NotYetValid',
      message: `${name} is valid from ${time(notBeforeMs)} on: clients refuse it until then.`,
    }
  }
  if (isAt(deadlineKeys.expiresSoon, 'passed')) {
    return { reason: 'ExpiresSoon', message: `${name} expires at ${time(notAfterMs)}.` }
  }
  return undefined
}

/** One condition for all certificates of a listener; none while there is nothing to say. */
export function certificateConditions(
  certificates: readonly CertificateReference[],
  read: Read,
  from: { readonly certificateTroubles: Collection<CertificateTrouble> },
): readonly Condition[] {
  const troubles = certificates.flatMap(({ namespace, name }) => {
    return read.get(from.certificateTroubles, objectKey({ group: '', kind: 'Secret', namespace, name })) ?? []
  })
  const reason = reasons.find((candidate) => troubles.some((trouble) => trouble.reason === candidate))
  if (reason === undefined) return []
  // One that expires soon is still good.
  const status = reason === 'ExpiresSoon'
  return [{ type: 'penstock.dev/CertificateValid', status, reason, message: sentences(troubles) }]
}

const time = (atMs: number): string => new Date(atMs).toISOString().replace('.000Z', 'Z')
