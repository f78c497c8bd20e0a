// Secrets laid out as the folder that `penstock prepare` works on, and read back from it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SecretFiles } from './secret-table.ts'

/** In base64, by key. */
export type SecretData = Readonly<Record<string, string>>

/** What is held twice is taken from its home, or from a copy where that has lost it. */
export function layOut(dir: string, files: SecretFiles, data: SecretData): void {
  for (const [key, path] of Object.entries(files)) {
    const file = join(dir, path)
    const content = Buffer.from(data[key] ?? '', 'base64')
    if (content.length === 0 || existsSync(file)) continue
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, content, { mode: 0o600, flag: 'wx' })
  }
}

export const secretData = (dir: string, files: SecretFiles): SecretData =>
  Object.fromEntries(Object.entries(files).map(([key, path]) => [key, readFileSync(join(dir, path), 'base64')]))
