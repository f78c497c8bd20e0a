// What a proxy that nobody manages needs to be one of a fleet: who it is, and how it is started.
import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { identityFiles } from '@penstock/identity'
import type { Authority, Issuing } from '@penstock/identity/authority'
import { createBootstrap, secretFiles } from '@penstock/plane-envoy'
import { openAuthority, writeFiles } from './authority-files.ts'

export interface IdentityOptions {
  plane: 'envoy' | 'agentgateway'
  install: string
  fleet: string
  /** With `ca.crt` and `ca.key`. */
  ca: string
  /** The servers; all show a certificate for the first one's name. */
  xds: readonly { host: string; port: number }[]
  out: string
  /** Where the proxy will find what is in `out`. */
  at?: string | undefined
  node?: string | undefined
  adminPort: number
  days: number
}

const dayMs = 86_400_000

/** Returns the files that were written. To be run again before the identity expires. */
export async function issueIdentity(options: IdentityOptions): Promise<string[]> {
  const { plane, install, ca, out, days, at = resolve(out) } = options
  const [server] = options.xds
  if (!server) throw new Error('--xds names no server')
  const authority = openAuthority(ca, install)
  const make = plane === 'envoy' ? envoyFiles : agentgatewayFiles
  const files = await make({ ...options, at, server }, authority, { validMs: days * dayMs })
  mkdirSync(out, { recursive: true, mode: 0o700 })
  return writeFiles(out, files)
}

interface Placed extends IdentityOptions {
  at: string
  server: { host: string; port: number }
}

type Files = Promise<Record<string, string>>

async function envoyFiles({ fleet, at, server, ...options }: Placed, authority: Authority, issuing: Issuing): Files {
  const { xds, adminPort, node = `${fleet}-${hostname()}` } = options
  const identity = { serverName: server.host, folder: at }
  return {
    ...identityFiles(await authority.issueProxy(fleet, issuing)),
    ...secretFiles(at),
    'envoy.json': `${JSON.stringify(createBootstrap({ fleet, node, xds, adminPort, identity }), null, 2)}\n`,
  }
}

async function agentgatewayFiles({ fleet, at, server }: Placed, authority: Authority, issuing: Issuing): Files {
  const [namespace = '', gateway = ''] = fleet.split('~')
  const host = server.host.includes(':') ? `[${server.host}]` : server.host
  const environment = {
    XDS_ADDRESS: `https://${host}:${server.port}`,
    XDS_AUTH_TOKEN: join(at, 'token'),
    XDS_ROOT_CA: join(at, 'ca.crt'),
    // Together its role, which says what it asks for; of a merged fleet only the server's setting does.
    ...(fleet.includes('~') ? { NAMESPACE: namespace, GATEWAY: gateway } : { NAMESPACE: 'default', GATEWAY: fleet }),
  }
  return {
    ...identityFiles(await authority.issueToken(fleet, issuing)),
    'agentgateway.env': Object.entries(environment)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  }
}
