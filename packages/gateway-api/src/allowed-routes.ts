// Which routes a listener takes, by namespace and by kind (Gateway API: AllowedRoutes; a Gateway's allowedListeners
// chooses namespaces in the same words).
import { type LabelSelector, selects } from './label-selector.ts'

export interface NamespaceRule {
  readonly from?: string
  readonly selector?: LabelSelector
}

export interface RouteKind {
  readonly group: string
  readonly kind: string
}

export interface SupportedKinds {
  /** What the listener's status shows, and what may attach. */
  readonly kinds: readonly RouteKind[]
  /** Named by allowedRoutes, but unknown or of another protocol: ResolvedRefs is False with InvalidRouteKinds. */
  readonly invalid: readonly RouteKind[]
}

const gatewayGroup = 'gateway.networking.k8s.io'

/**
 * Whether `candidate`, a namespace, may attach something to what lives in namespace `home`. Without a rule the
 * specification's default holds: the same namespace only.
 */
export function allowsNamespace(
  rule: NamespaceRule | undefined,
  home: string,
  candidate: { readonly name: string; readonly labels?: Readonly<Record<string, string>> },
): boolean {
  switch (rule?.from ?? 'Same') {
    case 'All':
      return true
    case 'Same':
      return candidate.name === home
    case 'Selector':
      return selects(rule?.selector, candidate.labels)
    default:
      return false
  }
}

/** The kinds that go with the protocol, narrowed to those that the listener asks for and we have `implemented`. */
export function supportedKinds(
  listener: {
    readonly protocol: string
    readonly allowedRoutes?: { readonly kinds?: readonly { readonly group?: string; readonly kind: string }[] }
  },
  implemented: ReadonlySet<string>,
): SupportedKinds {
  const names = (kindsOfProtocol[listener.protocol] ?? []).filter((kind) => implemented.has(kind))
  const asked = listener.allowedRoutes?.kinds ?? []
  if (asked.length === 0) return { kinds: names.map((kind) => ({ group: gatewayGroup, kind })), invalid: [] }
  const kinds: RouteKind[] = []
  const invalid: RouteKind[] = []
  for (const { group = gatewayGroup, kind } of asked) {
    const known = group === gatewayGroup && names.includes(kind)
    if (!known) invalid.push({ group, kind })
    else if (!kinds.some((seen) => seen.kind === kind)) kinds.push({ group, kind })
  }
  return { kinds, invalid }
}

const kindsOfProtocol: Readonly<Record<string, readonly string[]>> = {
  HTTP: ['HTTPRoute', 'GRPCRoute'],
  HTTPS: ['HTTPRoute', 'GRPCRoute'],
  TLS: ['TLSRoute'],
  TCP: ['TCPRoute'],
  UDP: ['UDPRoute'],
}
