// Who may talk to NATS: a password per service, made once, and the server's configuration with a user for each.
import { join } from 'node:path'
import { natsServerConfig } from '@penstock/bus'
import { secretPerService, writePrivately } from './service-secrets.ts'

export interface NatsAccessOptions {
  /** Where `nats.conf` and `nats-passwords/<service>` go. */
  dir: string
  install: string
  services: readonly string[]
  sources: readonly string[]
  /** Where the server will find `tls.crt` and `tls.key`; left out: it listens without TLS. */
  natsTls?: string | undefined
}

/** Returns the files that were written; passwords that exist stay, since running services have read them. */
export function prepareNatsAccess({ dir, install, services, sources, natsTls }: NatsAccessOptions): string[] {
  const { secrets: passwords, written } = secretPerService(join(dir, 'nats-passwords'), services)
  const config = join(dir, 'nats.conf')
  const tls = natsTls !== undefined && { certFile: join(natsTls, 'tls.crt'), keyFile: join(natsTls, 'tls.key') }
  writePrivately(config, natsServerConfig({ install, sources, passwords, ...(tls && { tls }) }))
  return [...written, config]
}
