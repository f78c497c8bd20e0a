// The configuration of a NATS server for Penstock: one user per service, each with the permissions of its row.
import { busGrants, busServices, type Grant, natsUser } from './permissions.ts'

export interface NatsUsersOptions {
  install: string
  sources: readonly string[]
  /** By service; a service without one gets no user. */
  passwords: Readonly<Record<string, string>>
}

export interface NatsServerTls {
  readonly certFile: string
  readonly keyFile: string
  /** Clients have to show a certificate of one of these authorities. */
  readonly clientCaFile?: string
}

/**
 * What belongs into the block `accounts`: an account named like the installation, with all streams of it in it. Nobody else
 * gets in: a user that is not named here, or no user at all, is refused.
 */
export function natsAccount({ install, sources, passwords }: NatsUsersOptions): string {
  const users = busServices().flatMap((service) => {
    const password = passwords[service]
    if (password === undefined) return []
    const grants = busGrants({ install, service, sources })
    const permissions = { publish: allowed(grants, 'publish'), subscribe: allowed(grants, 'subscribe') }
    return [{ user: natsUser({ install, service }), password, permissions }]
  })
  // The configuration language takes JSON, and in quotes a "$" is no variable.
  return `${JSON.stringify(install)}: ${JSON.stringify({ jetstream: 'enabled', users }, null, 2)}`
}

/** The block itself, for a server that is for this installation alone. */
export const natsAccounts = (options: NatsUsersOptions): string => `accounts {\n${natsAccount(options)}\n}`

/** What belongs into the block `cluster`: the servers of it, and who else calls itself one of them is refused. */
export function natsRoutes(hosts: readonly string[], password: string): string {
  const routes = hosts.map((host) => `nats://server:${password}@${host}:6222`)
  return `authorization ${JSON.stringify({ user: 'server', password })}\nroutes ${JSON.stringify(routes, null, 2)}`
}

/** The `tls` block: with it nobody is listened to without. The server reads the files again on SIGHUP. */
export function natsServerTls({ certFile, keyFile, clientCaFile }: NatsServerTls): string {
  const block = {
    ...{ cert_file: certFile, key_file: keyFile, min_version: '1.3' },
    ...(clientCaFile !== undefined && { ca_file: clientCaFile, verify: true }),
  }
  return `tls ${JSON.stringify(block, null, 2)}`
}

/** A whole file; where it listens and stores is left to the command line. */
export function natsServerConfig(options: NatsUsersOptions & { tls?: NatsServerTls }): string {
  return `# Written by \`penstock prepare\`: edits are lost.
# Room for the largest record (2 MiB) with its headers.
max_payload: 4MB
jetstream {}
${options.tls ? `${natsServerTls(options.tls)}\n` : ''}${natsAccounts(options)}
`
}

/** An empty list of what is allowed would allow all. */
function allowed(grants: readonly Grant[], action: Grant['action']): { allow: string[] } | { deny: string[] } {
  const allow = grants.filter((grant) => grant.action === action).map(({ subject }) => subject)
  return allow.length > 0 ? { allow } : { deny: ['>'] }
}
