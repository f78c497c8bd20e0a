// What `penstock prepare` writes for an installation in a cluster, for as long as it is needed.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const command = resolve(import.meta.dirname, '../../apps/cli/dist/main.js')

export async function withPrepared<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'penstock-prepared-'))
  try {
    const place = ['--install', 'penstock', '--namespace', 'penstock-system']
    await promisify(execFile)(process.execPath, [command, 'prepare', '--dir', dir, ...place])
    return await use(dir)
  } finally {
    await rm(dir, { recursive: true })
  }
}
