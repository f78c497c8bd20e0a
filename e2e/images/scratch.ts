// Folders that live as long as one piece of work. A build that is killed leaves gigabytes: the next one removes them.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from '@penstock/tools/lock'

/** Calls `work` with an empty folder, which is gone afterwards; those of its kind whose processes are gone go first. */
export async function withScratch<T>(kind: string, work: (folder: string) => Promise<T>): Promise<T> {
  const prefix = `penstock-${kind}-`
  for (const name of await readdir(tmpdir())) {
    const maker = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined
    if (maker !== undefined && !isAlive(Number(maker))) await rm(join(tmpdir(), name), { recursive: true, force: true })
  }
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
