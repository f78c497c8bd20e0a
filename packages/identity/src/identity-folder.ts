// A folder with an identity in it, read again when it changes: a mounted Secret, or files that someone replaces. What it
// holds is taken only as a whole: a certificate that is not the key's is one of two files that were not replaced yet.
import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '@penstock/fault'
import type { Logger } from '@penstock/telemetry'
import { notAfterMs, readBundle } from './bundle.ts'

export interface FolderIdentity {
  readonly certificatePem: string
  readonly keyPem: string
  readonly caPem: string
  readonly notAfterMs: number
}

export interface IdentityFolderOptions {
  /** With `tls.crt`, `tls.key` and `ca.crt`. */
  readonly folder: string
  readonly logger: Logger
  /** If it throws, the one before stays, and this one is tried again. */
  onChange(identity: FolderIdentity): void
  readonly everyMs?: number
}

export interface IdentityFolder extends Disposable {
  /** The last that could be used. */
  readonly identity: FolderIdentity
}

const defaultEveryMs = 2_000

/** Rejects if there is nothing in it that can be used. */
export async function watchIdentityFolder(options: IdentityFolderOptions): Promise<IdentityFolder> {
  const { folder, logger, onChange, everyMs = defaultEveryMs } = options
  let identity = await read(folder)
  let problem = ''
  // Read, not watched: folders of a cluster are links to links, and no two systems tell of those in the same way.
  const timer = setInterval(() => void look(), everyMs).unref()

  const look = async (): Promise<void> => {
    try {
      const next = await read(folder)
      if (!isSame(next, identity)) {
        // Whoever uses it may still find that it cannot be used.
        onChange(next)
        identity = next
        logger.info('identity_replaced', { folder, notAfter: new Date(next.notAfterMs).toISOString() })
      }
      if (problem !== '') logger.info('identity_readable', { folder })
      problem = ''
    } catch (thrown) {
      const { message } = Fault.from(thrown)
      if (message !== problem) logger.warn('identity_unreadable', { folder, message })
      problem = message
    }
  }

  return {
    get identity() {
      return identity
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

async function read(folder: string): Promise<FolderIdentity> {
  try {
    const [certificatePem = '', keyPem = '', caPem = ''] = await Promise.all(
      (['tls.crt', 'tls.key', 'ca.crt'] as const).map((file) => readFile(join(folder, file), 'utf8')),
    )
    return checked({ certificatePem, keyPem, caPem })
  } catch (thrown) {
    const { message } = Fault.from(thrown)
    throw new Fault('setting_invalid', `${folder} holds no identity that can be used: ${message}`, { cause: thrown })
  }
}

function checked({ certificatePem, keyPem, caPem }: Omit<FolderIdentity, 'notAfterMs'>): FolderIdentity {
  const [own] = readBundle(certificatePem)
  if (!own?.checkPrivateKey(createPrivateKey(keyPem))) throw new RangeError('tls.crt does not belong to tls.key')
  readBundle(caPem)
  return { certificatePem, keyPem, caPem, notAfterMs: notAfterMs(own) }
}

const isSame = (one: FolderIdentity, other: FolderIdentity): boolean =>
  one.certificatePem === other.certificatePem && one.keyPem === other.keyPem && one.caPem === other.caPem
