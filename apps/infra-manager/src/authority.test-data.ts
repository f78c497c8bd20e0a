// An authority as a folder, for tests.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AuthorityKeys, createCertificateAuthority } from '@penstock/identity/authority'

const dayMs = 86_400_000

export const newKeys = (): Promise<AuthorityKeys> =>
  createCertificateAuthority('test', { validMs: 10 * dayMs, nowMs: Date.now() })

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
