// Which HTTPS listeners of a port share one filter chain, whose certificates Envoy asks for by SNI during the handshake
// (ADR 6): then a hostname that comes or goes changes no byte of the port's Envoy listener.
import type { Collection, Index } from '@penstock/incremental'
import { certificateKey, type Listener } from '@penstock/ir'
import { inFleet } from './fleet-key.ts'
import type { Foundation } from './graph.ts'
import { byPrecedence } from './listeners.ts'
import { coveringHosts, isExactHost, placeKey, portKey } from './place.ts'

/** A listener that differs from others like it in nothing but its hostname and its one certificate. */
export interface Sharer {
  /** `<fleet>/<port>` */
  readonly port: string
  readonly hostname: string
  /** `<fleet>/<hostname>`: the secret is asked for by the bare hostname. */
  readonly secret: string
  /** The certificate's key. */
  readonly certificate: string
  readonly precedence: string
}

export interface Sharing {
  /** By listener: those with a filter chain of their own. */
  readonly apart: Collection<Listener>
  /** By port: those that share its chain. */
  readonly sharersOn: Index<Sharer>
  /** By port: those whose hostname another listener of the port stands for too. */
  readonly coveredOn: Index<Sharer>
  /** By port: it has a shared chain. */
  readonly sharedPorts: Collection<true>
  /** By `<fleet>/<hostname>`: the secrets that are asked for so, */
  readonly secrets: Collection<true>
  /** and the key of the certificate that each would hold. */
  readonly certificateOf: Collection<string>
}

/** A port with fewer listeners that could share a chain has none: what a chain of one's own can is worth more there. */
export const defaultSharedFrom = 16

export function declareSharing({ graph, records, owners }: Foundation, sharedFrom: number): Sharing {
  const candidates = graph.derive('sharingCandidates', records.listener, (listener, key, read) => {
    const sharer = asSharer(listener)
    return sharer && read.get(owners, placeKey(sharer.port, sharer.hostname)) === key ? sharer : undefined
  })
  const claims = graph.index('secretClaims', candidates, ({ secret }) => [secret])
  // Envoy asks without naming the port. Where two ports have different certificates for one hostname, the listener with
  // precedence has the name, and the other one a chain of its own.
  const certificateOf = graph.derive(
    'certificateOf',
    claims.keys,
    (_, secret, read) =>
      read
        .lookup(claims, secret)
        .map(({ value }) => value)
        .sort(byPrecedence)[0]?.certificate,
  )
  const sharable = graph.derive('sharable', candidates, (sharer, _, read) =>
    read.get(certificateOf, sharer.secret) === sharer.certificate ? sharer : undefined,
  )
  const sharableOn = graph.index('sharableOn', sharable, ({ port }) => [port])
  const sharedPorts = graph.derive('sharedPorts', sharableOn.keys, (_, port, read) =>
    read.count(sharableOn, port) < sharedFrom ? undefined : (true as const),
  )
  const sharers = graph.derive('sharers', sharable, (sharer, _, read) =>
    read.get(sharedPorts, sharer.port) ? sharer : undefined,
  )
  const covered = graph.derive('coveredSharers', sharers, (sharer, _, read) => {
    const [, ...covering] = coveringHosts(sharer.hostname)
    return covering.some((host) => read.get(owners, placeKey(sharer.port, host)) !== undefined) ? sharer : undefined
  })
  const apart = graph.derive('apart', records.listener, (listener, key, read) => {
    const owner = read.get(owners, placeKey(portKey(listener.fleet, listener.port), listener.hostname)) ?? key
    return read.get(sharers, owner) === undefined ? listener : undefined
  })
  return {
    apart,
    sharersOn: graph.index('sharersOn', sharers, ({ port }) => [port]),
    coveredOn: graph.index('coveredOn', covered, ({ port }) => [port]),
    sharedPorts,
    secrets: graph.index('secretsOfSharers', sharers, ({ secret }) => [secret]).keys,
    certificateOf,
  }
}

/** One with several certificates (RSA and ECDSA) or that validates clients needs what a secret cannot say. */
function asSharer({ fleet, port, hostname, precedence, protocol }: Listener): Sharer | undefined {
  if (protocol?.$case !== 'https' || !isExactHost(hostname)) return undefined
  const { certificates, clientValidation } = protocol.value
  const [certificate, ...more] = certificates.map(certificateKey)
  if (certificate === undefined || more.length > 0 || clientValidation !== undefined) return undefined
  return { port: portKey(fleet, port), hostname, secret: inFleet(fleet, hostname), certificate, precedence }
}
