// NATS over TLS: whom a service trusts, who it says that it is, and what to do when the two sides do not agree. The client
// reads the files on every connect, so renewed ones need no restart.
import { isIP } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import type { TlsOptions } from '@nats-io/transport-node'
import { Fault } from '@penstock/fault'

export interface NatsTls {
  /** Left out: the authorities that the system trusts. */
  readonly caFile?: string
  /** Both, or neither. */
  readonly certFile?: string
  readonly keyFile?: string
  /** Names and addresses, one of which the server's certificate has to be for. */
  readonly serverNames: readonly string[]
}

export interface TlsConfig {
  readonly natsUrl: string
  readonly natsCa: string
  readonly natsTls: string
  readonly natsServerName: string
}

/** Undefined: nothing asks for TLS, and a server that insists on it has to be one that the system trusts. */
export function natsTls({ natsUrl, natsCa, natsTls: folder, natsServerName }: TlsConfig): NatsTls | undefined {
  const isAsked = [natsCa, folder, natsServerName].some((value) => value !== '') || /(^|[,\s])tls:\/\//.test(natsUrl)
  if (!isAsked) return undefined
  const caFile = natsCa === '' && folder !== '' ? join(folder, 'ca.crt') : natsCa
  return {
    ...(caFile !== '' && { caFile }),
    ...(folder !== '' && { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') }),
    serverNames: natsServerName === '' ? natsUrl.split(',').map(hostOf) : [natsServerName],
  }
}

/** Of `nats://host:port`, `host:port`, `host` and `[::1]:port`. */
function hostOf(server: string): string {
  const { hostname } = new URL(`nats://${server.trim().replace(/^\w+:\/\//, '')}`)
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

/** With these a server that offers no TLS gets nothing, not even a name. */
export function tlsOptions({ serverNames, ...files }: NatsTls): TlsOptions {
  const [only = '', ...others] = serverNames
  const options: ConnectionOptions = {
    // By its address the client names nobody; and servers that tell of one another do so by address.
    checkServerIdentity(_, certificate) {
      const errors = serverNames.map((name) => checkServerIdentity(name, certificate))
      return errors.includes(undefined) ? undefined : errors[0]
    },
    ...(others.length === 0 && isIP(only) === 0 && { servername: only }),
  }
  // The client hands on what it does not know to `tls.connect`.
  return { ...files, ...(options as object) }
}

/** What to do, if it was TLS that failed. */
export function tlsFault(thrown: unknown, tls: NatsTls | undefined): Fault | undefined {
  for (let error = thrown as TlsError | undefined; error?.message !== undefined; error = error.cause) {
    const advice = adviceOn(error, tls)
    if (advice !== undefined) return new Fault('bus_untrusted', advice, { cause: thrown })
  }
  // A server that misses our certificate says so after the handshake, to a client that does not listen yet.
  if (tls && tls.certFile === undefined && (thrown as TlsError).message === 'timeout') {
    return new Fault(
      'bus_unreachable',
      'no answer after the handshake; if NATS asks for a certificate, PENSTOCK_NATS_TLS names the folder with tls.crt and tls.key',
      { cause: thrown },
    )
  }
  return undefined
}

interface TlsError {
  readonly message?: string
  readonly code?: string
  readonly reason?: string
  readonly cause?: TlsError
}

function adviceOn(error: TlsError, tls: NatsTls | undefined): string | undefined {
  const { code = '', message = '' } = error
  if (strangers.has(code)) {
    const trusted = tls?.caFile === undefined ? 'that this system trusts' : `in ${tls.caFile}`
    return `the certificate of NATS is of no authority ${trusted} (${code}): PENSTOCK_NATS_CA names the file with the right one`
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `the certificate of NATS is for another name (${error.reason ?? message}): PENSTOCK_NATS_URL has to use one that it has, or PENSTOCK_NATS_SERVER_NAME to say it`
  }
  if (code === 'CERT_HAS_EXPIRED') return 'the certificate of NATS has expired: renew it and send nats-server a SIGHUP'
  if (code === 'CERT_NOT_YET_VALID') return 'the certificate of NATS is not valid yet: one of the clocks is wrong'
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA/.test(code)) {
    return `NATS does not take our certificate, or misses one (${code}): PENSTOCK_NATS_TLS names the folder with tls.crt and tls.key of an authority that NATS trusts`
  }
  if (message.includes("does not support 'tls'")) {
    return 'NATS offers no TLS, which PENSTOCK_NATS_CA, PENSTOCK_NATS_TLS or tls:// in PENSTOCK_NATS_URL asks for: no password was sent'
  }
  const [, file] = /^(\S+) doesn't exist$/.exec(message) ?? []
  return file === undefined ? undefined : `${file} is missing: PENSTOCK_NATS_CA or PENSTOCK_NATS_TLS names it`
}

const strangers = new Set([
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_SIGNATURE_FAILURE'],
])
