// HTTPRequestRedirectFilter: where the Location header points.
import type { Redirect } from '@penstock/ir'
import type { RequestRedirect } from './gen/agentgateway/policy.ts'
import { emitPathEdit } from './path-edits.ts'

/** What a redirect can need to know of the listener. */
export interface Site {
  readonly scheme: 'http' | 'https'
  readonly port: number
}

const wellKnownPorts: Readonly<Record<string, number>> = { http: 80, https: 443 }

/**
 * Scheme and port are always said: the proxy would carry over the port of the Host header, and for a scheme that is not
 * said it keeps it even beside a new host. With a new host it writes whatever port it is told, without one it leaves out
 * the well-known one itself.
 */
export function emitRedirect({ scheme, hostname, port, path, status }: Redirect, site: Site): RequestRedirect {
  const to = scheme === '' ? site.scheme : scheme
  const toPort = port === 0 ? site.port : port
  const edited = emitPathEdit(path)
  return {
    scheme: to,
    ...(hostname === '' ? {} : { host: hostname }),
    ...(hostname !== '' && wellKnownPorts[to] === toPort ? {} : { port: toPort }),
    ...(edited === undefined ? {} : { path: edited }),
    status,
  }
}
