// A bind for each port of a fleet and the listeners on it. They are made from listener records alone: no edit of a route
// changes a byte of them.
import { certificateKey, type Listener, type ListenerCase, type TerminatedHttp, trustBundleKey } from '@penstock/ir'
import {
  BindProtocol,
  type Listener as ListenerMessage,
  MtlsMode,
  Protocol,
  type TlsConfig,
} from './gen/agentgateway/resource.ts'
import type { Site } from './redirects.ts'
import { encodeKind, type Resource } from './resource.ts'
import { bindKey, listenerKey } from './resource-name.ts'
import type { OpenCertificate } from './secrets.ts'

/** What a listener needs to know of others. */
export interface ListenerContext {
  certificateAt(key: string): OpenCertificate | undefined
  /** All of them together. */
  trustOf(keys: readonly string[]): Uint8Array | undefined
}

interface ListenerKind {
  readonly bind: BindProtocol
  readonly scheme: Site['scheme']
  /** Nothing where it cannot take traffic. */
  emit(listener: Listener, context: ListenerContext): Pick<ListenerMessage, 'protocol' | 'tls'> | undefined
}

export const listenerProtocols: { readonly [C in ListenerCase]: ListenerKind } = {
  http: {
    bind: BindProtocol.BIND_PROTOCOL_HTTP,
    scheme: 'http',
    emit: () => ({ protocol: Protocol.PROTOCOL_HTTP }),
  },
  https: {
    bind: BindProtocol.BIND_PROTOCOL_TLS,
    scheme: 'https',
    emit({ protocol }, context) {
      const tls = protocol?.$case === 'https' ? terminateTls(protocol.value, context) : undefined
      return tls && { protocol: Protocol.PROTOCOL_HTTPS, tls }
    },
  },
}

/** Where listeners of several protocols claim the port, the one with precedence decides. */
export function emitBind(fleet: string, port: number, listeners: readonly Listener[]): Resource {
  const [first] = [...listeners].sort(byPrecedence)
  const { bind: protocol } = kindOf(first)
  return encodeKind({ $case: 'bind', value: { key: bindKey(fleet, port), port, protocol } })
}

/** `key`: that of its record. */
export function emitListener(listener: Listener, key: string, context: ListenerContext): Resource | undefined {
  const { fleet, port, hostname, gatewayNamespace, gatewayName, section } = listener
  const protocol = kindOf(listener).emit(listener, context)
  return (
    protocol &&
    encodeKind({
      $case: 'listener',
      value: {
        key: listenerKey({ listener: key, port }),
        bindKey: bindKey(fleet, port),
        name: { gatewayName, gatewayNamespace, listenerName: section, ...listenerSetOf(listener) },
        hostname,
        ...protocol,
      },
    })
  )
}

export function byPrecedence(a: Listener, b: Listener): number {
  return a.precedence < b.precedence ? -1 : a.precedence > b.precedence ? 1 : 0
}

export const siteOf = (listener: Listener): Site => ({ scheme: kindOf(listener).scheme, port: listener.port })

/** The keys of the records that a listener is made of, besides its own. */
export function partsOf({ protocol }: Listener): string[] {
  if (protocol?.$case !== 'https') return []
  const { certificates, clientValidation } = protocol.value
  return [...certificates.map(certificateKey), ...(clientValidation?.bundles ?? []).map(trustBundleKey)]
}

function kindOf(listener: Listener | undefined): ListenerKind {
  if (listener?.protocol === undefined) throw new Error('a listener without a protocol: of a newer schema')
  return listenerProtocols[listener.protocol.$case]
}

function listenerSetOf({
  ownerKind,
  ownerNamespace,
  ownerName,
}: Listener): Pick<NonNullable<ListenerMessage['name']>, 'listenerSet'> {
  return ownerKind === 'Gateway' ? {} : { listenerSet: { name: ownerName, namespace: ownerNamespace } }
}

/** A listener has one certificate: the first of those that are there, which is the default. */
function terminateTls(
  { certificates, clientValidation }: TerminatedHttp,
  context: ListenerContext,
): TlsConfig | undefined {
  const certificate = certificates
    .map((reference) => context.certificateAt(certificateKey(reference)))
    .find((found) => found !== undefined)
  if (certificate === undefined) return undefined
  const shown = { cert: certificate.cert, privateKey: certificate.key }
  if (clientValidation === undefined) return shown
  const root = context.trustOf(clientValidation.bundles.map(trustBundleKey))
  const { MTLS_MODE_STRICT: strict, MTLS_MODE_ALLOW_INSECURE_FALLBACK: lax } = MtlsMode
  return root && { ...shown, root, mtlsMode: clientValidation.insecureFallback ? lax : strict }
}
