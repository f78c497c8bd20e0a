// An authority as a folder, for tests.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AuthorityKeys, createCertificateAuthority } from '@penstock/identity/authority'

export const dayMs = 86_400_000

/** Good for ten days. */
export const newKeys = (fromMs = Date.now()): Promise<AuthorityKeys> =>
  createCertificateAuthority('test', { validMs: 10 * dayMs, nowMs: fromMs })

/** Returns what it has written: a new one, or the one that is given. */
export async function writeAuthority(folder: string, given?: AuthorityKeys): Promise<AuthorityKeys> {
  const keys = given ?? (await newKeys())
  await writeFile(join(folder, 'ca.key'), keys.keyPem)
  await writeFile(join(folder, 'ca.crt'), keys.certificatePem)
  return keys
}

export const readAuthority = async (folder: string): Promise<AuthorityKeys> => ({
  certificatePem: await readFile(join(folder, 'ca.crt'), 'utf8'),
  keyPem: await readFile(join(folder, 'ca.key'), 'utf8'),
})
