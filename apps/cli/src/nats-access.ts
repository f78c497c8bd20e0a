// Who may talk to NATS: a password per service, made once, and a user for each, as a file to be included by the
// configuration of any NATS server, and as the whole configuration of one that is for nothing else.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { natsAccount, natsRoutes, natsServerConfig } from '@penstock/bus'
import { readIfThere, secretPerService, writePrivately } from './service-secrets.ts'

export interface NatsAccessOptions {
  /** Where `nats*.conf` and `nats-passwords/<service>` go. */
  dir: string
  install: string
  services: readonly string[]
  sources: readonly string[]
  /** Where it runs, if it runs in a cluster. */
  namespace?: string | undefined
  /** Where the server will find `tls.crt` and `tls.key`; left out: it listens without TLS. */
  natsTls?: string | undefined
}

/** The whole configuration; what to include in `accounts` of another, and in `cluster`. */
export const natsFiles = ['nats.conf', 'nats-account.conf', 'nats-routes.conf'] as const

/** Returns the files that were written; passwords that exist stay, since running services have read them. */
export function prepareNatsAccess(options: NatsAccessOptions): string[] {
  const { dir, install, services, sources, namespace, natsTls } = options
  const { secrets: passwords, written } = secretPerService(join(dir, 'nats-passwords'), services)
  const [config, account, routes] = natsFiles.map((file) => join(dir, file)) as [string, string, string]
  const tls = natsTls !== undefined && { certFile: join(natsTls, 'tls.crt'), keyFile: join(natsTls, 'tls.key') }
  const users = { install, sources, passwords }
  writePrivately(config, natsServerConfig({ ...users, ...(tls && { tls }) }))
  writePrivately(account, `${natsAccount(users)}\n`)
  // Servers that run know each other by it.
  const password = /"password":"([^"]+)"/.exec(readIfThere(routes) ?? '')?.[1] ?? randomBytes(32).toString('base64url')
  const suffix = namespace === undefined ? '' : `.${namespace}.svc`
  const hosts = [0, 1, 2].map((index) => `nats-cluster-${index}.nats-servers${suffix}`)
  writePrivately(routes, `${natsRoutes(hosts, password)}\n`)
  return [...written, config, account, routes]
}
