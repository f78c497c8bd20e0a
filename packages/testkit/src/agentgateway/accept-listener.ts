// Ports and what takes connections on them. The pair of protocol and TLS is fixed; any other is refused.
import { type AcceptedTls, acceptTls } from './accept-tls.ts'
import type { Bind as BindMessage, Listener as ListenerMessage, ListenerName } from './tables.ts'
import { enumerated, refuse, required, type Warn } from './verdict.ts'

export interface Bind {
  readonly key: string
  readonly port: number
  readonly protocol: 'http' | 'tcp' | 'tls'
  /** Opens no port. */
  readonly internal: boolean
}

export interface Listener {
  readonly key: string
  readonly name: ListenerName
  readonly hostname: string
  readonly protocol: 'http' | 'https' | 'tls' | 'tcp' | 'hbone'
  /** Absent with `tls`: passed through. */
  readonly tls?: AcceptedTls
}

export function acceptBind({ key, port, protocol, tunnelProtocol, mode }: BindMessage): Bind {
  enumerated(tunnelProtocol, 4)
  return {
    key,
    // As a socket sees it.
    port: port & 0xffff,
    protocol: (['http', 'tcp', 'tls'] as const)[enumerated(protocol, 2)] ?? 'http',
    internal: enumerated(mode, 1) === 1,
  }
}

const protocols = ['unknown', 'http', 'https', 'tls', 'tcp', 'hbone'] as const

export function acceptListener(message: ListenerMessage, warn: Warn): { listener: Listener; bindKey: string } {
  const protocol = protocols[enumerated(message.protocol, 5)] ?? 'unknown'
  if (protocol === 'unknown') return refuse('unknown protocol')
  const wantsTls = { http: false, https: true, tls: undefined, tcp: false, hbone: false }[protocol]
  const hasTls = message.tls !== undefined
  if (wantsTls !== undefined && wantsTls !== hasTls)
    refuse(`protocol ${protocol} is incompatible with ${hasTls ? 'tls' : 'no tls config'}`)
  const tls = message.tls && acceptTls(message.tls, warn)
  const { key, hostname, bindKey } = message
  return { listener: { key, name: required(message.name), hostname, protocol, ...(tls && { tls }) }, bindKey }
}
