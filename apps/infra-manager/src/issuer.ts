// The authority that issues identities, from a folder with `ca.crt` and `ca.key`; read again when they change, as the
// files of a Secret are replaced while it is mounted.
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Authority, createAuthority } from '@penstock/identity/authority'
import type { Logger } from '@penstock/telemetry'

export interface Issuer {
  readonly authority: Authority
  /** The same as long as the key of the authority is; tells nothing of it. */
  readonly drainKey: string
}

export interface IssuerFolder extends Disposable {
  readonly issuer: Issuer
}

export interface IssuerOptions {
  readonly folder: string
  readonly install: string
  readonly log: Logger
  /** Between two looks at the folder. */
  readonly lookMs?: number
  nowMs(): number
  onChange(): void
}

interface Keys {
  readonly certificatePem: string
  readonly keyPem: string
}

/** Throws when there is none to begin with; later the last good one stays. */
export function openIssuer({ folder, install, log, lookMs = 5_000, nowMs, onChange }: IssuerOptions): IssuerFolder {
  const open = (keys: Keys): Issuer => ({
    authority: createAuthority({ ...keys, install, nowMs }),
    drainKey: createHmac('sha256', keys.keyPem).update('drain').digest('hex'),
  })
  let keys = readKeys(folder)
  let issuer = open(keys)
  let toldReason = ''
  function look(): void {
    try {
      const found = readKeys(folder)
      if (found.certificatePem === keys.certificatePem && found.keyPem === keys.keyPem) return
      issuer = open(found)
      keys = found
    } catch (thrown) {
      // Perhaps only one of the two files is new as yet.
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      if (reason !== toldReason) log.warn('identity_authority_unreadable', { folder, reason })
      toldReason = reason
      return
    }
    toldReason = ''
    log.info('identity_authority_changed', { folder })
    onChange()
  }
  const timer = setInterval(look, lookMs)
  return {
    get issuer() {
      return issuer
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

const readKeys = (folder: string): Keys => ({
  certificatePem: readFileSync(join(folder, 'ca.crt'), 'utf8'),
  keyPem: readFileSync(join(folder, 'ca.key'), 'utf8'),
})
