// Which API server to talk to, and what to show it. A source of credentials is asked before every request and keeps
// what it may keep; `refresh` tells it that the server did not know us.
import type { Agent } from 'node:http'

export interface ClusterAccess {
  /** `https://10.96.0.1:443`, perhaps with a path in front of all others. */
  readonly server: URL
  /** Of our own pod, or of the kubeconfig's context. */
  readonly namespace: string | undefined
  credentials(): Promise<Credentials>
  refresh(): void
}

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  readonly tls: TlsIdentity
  /** The connection leads through a proxy. */
  readonly agent?: Agent
}

export interface TlsIdentity {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

/** A server that is known already. */
export function accessTo(
  server: string,
  options: { token?: string | (() => string); tls?: TlsIdentity; namespace?: string } = {},
): ClusterAccess {
  const { token, tls = {}, namespace } = options
  return {
    server: new URL(server),
    namespace,
    credentials: async () => ({ headers: bearer(typeof token === 'function' ? token() : token), tls }),
    refresh() {},
  }
}

export const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` }
