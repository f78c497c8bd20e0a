// Who may talk to NATS: a password per service, made once, and the server's configuration with a user for each.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { busServices, natsServerConfig } from '@penstock/bus'

export interface NatsAccessOptions {
  /** Where `nats.conf` and `nats-passwords/<service>` go. */
  dir: string
  install: string
  sources: readonly string[]
}

/** Returns the files that were written; passwords that exist stay, since running services have read them. */
export function prepareNatsAccess({ dir, install, sources }: NatsAccessOptions): string[] {
  const folder = join(dir, 'nats-passwords')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const written: string[] = []
  const passwords: Record<string, string> = {}
  for (const service of busServices()) {
    const file = join(folder, service)
    const known = readIfThere(file)
    passwords[service] = known ?? randomBytes(32).toString('base64url')
    if (known !== undefined) continue
    writePrivately(file, `${passwords[service]}\n`)
    written.push(file)
  }
  const config = join(dir, 'nats.conf')
  writePrivately(config, natsServerConfig({ install, sources, passwords }))
  return [...written, config]
}

/** Undefined when there is none, or when a crash left it empty. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}

/** In one step, and for nobody else's eyes whatever mode an earlier file had. */
function writePrivately(file: string, content: string): void {
  const next = `${file}.next`
  writeFileSync(next, content, { mode: 0o600 })
  renameSync(next, file)
}
