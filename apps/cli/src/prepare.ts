// What a local stack needs before its first service starts: the keys that seal private keys on the bus, made once, who
// may talk to NATS, what opens each service's debug pages, and the bootstrap of its Envoy.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newSealingKeys } from '@penstock/bus'
import { createBootstrap } from '@penstock/plane-envoy'
import { prepareAuthority } from './authority-files.ts'
import { type NatsAccessOptions, prepareNatsAccess } from './nats-access.ts'
import { secretPerService } from './service-secrets.ts'

export interface PrepareOptions extends NatsAccessOptions {
  fleet: string
  xds: readonly { host: string; port: number }[]
  envoyAdminPort: number
  /** Where the services run, if they run in a cluster. */
  namespace?: string | undefined
}

/** Returns the files that were written; sealing keys that exist stay, since what they sealed is still on the bus. */
export async function prepare(options: PrepareOptions): Promise<string[]> {
  const { dir, fleet, xds, envoyAdminPort } = options
  mkdirSync(dir, { recursive: true })
  const written: string[] = []
  const keys = join(dir, 'sealing-keys.json')
  if (!existsSync(keys)) {
    writeFileSync(keys, newSealingKeys(), { mode: 0o600, flag: 'wx' })
    written.push(keys)
  }
  written.push(...prepareNatsAccess(options), ...(await prepareAuthority(options)))
  written.push(...secretPerService(join(dir, 'debug-tokens')).written)
  const bootstrap = join(dir, 'envoy.json')
  const content = createBootstrap({ fleet, node: `${fleet}-1`, xds, adminPort: envoyAdminPort })
  writeFileSync(bootstrap, `${JSON.stringify(content, null, 2)}\n`)
  written.push(bootstrap)
  return written
}
