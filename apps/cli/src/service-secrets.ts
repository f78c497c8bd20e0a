// A random text for each service, in a file of its name, made once: services that run have read it.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ServiceSecrets {
  /** By service. */
  readonly secrets: Readonly<Record<string, string>>
  /** The files that were not there. */
  readonly written: string[]
}

export function secretPerService(folder: string, services: readonly string[]): ServiceSecrets {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const written: string[] = []
  const secrets: Record<string, string> = {}
  for (const service of services) {
    const file = join(folder, service)
    const known = readIfThere(file)
    const secret = known ?? randomBytes(32).toString('base64url')
    secrets[service] = secret
    if (known !== undefined) continue
    writePrivately(file, `${secret}\n`)
    written.push(file)
  }
  return { secrets, written }
}

/** Undefined when there is none, or when a crash left it empty. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}

/** In one step, and for nobody else's eyes whatever an earlier file, or what a crash left of one, was. */
export function writePrivately(file: string, content: string): void {
  const next = `${file}.next`
  rmSync(next, { force: true })
  writeFileSync(next, content, { mode: 0o600, flag: 'wx' })
  renameSync(next, file)
}
