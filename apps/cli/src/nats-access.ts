// Who may talk to NATS: a password per service, made once, and the server's configuration with a user for each.
import { join } from 'node:path'
import { natsServerConfig } from '@penstock/bus'
import { secretPerService, writePrivately } from './service-secrets.ts'

export interface NatsAccessOptions {
  /** Where `nats.conf` and `nats-passwords/<service>` go. */
  dir: string
  install: string
  sources: readonly string[]
}

/** Returns the files that were written; passwords that exist stay, since running services have read them. */
export function prepareNatsAccess({ dir, install, sources }: NatsAccessOptions): string[] {
  const { secrets: passwords, written } = secretPerService(join(dir, 'nats-passwords'))
  const config = join(dir, 'nats.conf')
  writePrivately(config, natsServerConfig({ install, sources, passwords }))
  return [...written, config]
}
