// What a local stack needs before its first service starts: the keys that seal private keys on the bus, made once, who
// may talk to NATS, what opens each service's debug pages, and the bootstrap of its Envoy.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { busServices, checkedPlaceName, newSealingKeys, readSealingKeys } from '@penstock/bus'
import { createBootstrap } from '@penstock/plane-envoy'
import { prepareAuthority } from './authority-files.ts'
import { type NatsAccessOptions, prepareNatsAccess } from './nats-access.ts'
import { checkServerName } from './server-name.ts'
import { secretPerService } from './service-secrets.ts'

export const sealingKeysFile = 'sealing-keys.json'

export interface PrepareSecretsOptions extends Omit<NatsAccessOptions, 'services'> {
  /** Whose passwords and tokens; all services where nothing is said. */
  services?: readonly string[] | undefined
  xds: readonly { host: string }[]
  /** Where the services run, if they run in a cluster. */
  namespace?: string | undefined
  /** False: somebody else issues certificates. */
  certificates?: boolean | undefined
}

export interface PrepareOptions extends PrepareSecretsOptions {
  fleet: string
  xds: readonly { host: string; port: number }[]
  envoyAdminPort: number
}

/** Returns the files that were written. */
export async function prepare(options: PrepareOptions): Promise<string[]> {
  const { dir, fleet, xds, envoyAdminPort } = options
  const written = await prepareSecrets(options)
  const bootstrap = join(dir, 'envoy.json')
  const content = createBootstrap({ fleet, node: `${fleet}-1`, xds, adminPort: envoyAdminPort })
  writeFileSync(bootstrap, `${JSON.stringify(content, null, 2)}\n`)
  return [...written, bootstrap]
}

/** All but the bootstrap; sealing keys that exist stay, since what they sealed is still on the bus. */
export async function prepareSecrets(options: PrepareSecretsOptions): Promise<string[]> {
  const { dir, install, sources, xds, services = busServices(), certificates = true } = options
  // Before anything is written: with other names the services would not start, or reach what is not theirs.
  checkedPlaceName('install', install)
  for (const source of sources) checkedPlaceName('source', source)
  for (const { host } of xds) checkServerName(host)
  mkdirSync(dir, { recursive: true })
  const written: string[] = []
  const keys = join(dir, sealingKeysFile)
  if (!existsSync(keys)) {
    writeFileSync(keys, newSealingKeys(), { mode: 0o600, flag: 'wx' })
    written.push(keys)
  }
  // Broken ones are told of here, not by every service that starts.
  readSealingKeys(keys)
  written.push(...prepareNatsAccess({ ...options, services }))
  if (certificates) written.push(...(await prepareAuthority(options)))
  written.push(...secretPerService(join(dir, 'debug-tokens'), services).written)
  return written
}
