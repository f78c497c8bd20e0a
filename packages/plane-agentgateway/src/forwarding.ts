// Where a rule's requests go: backends by weight (Gateway API, HTTPRouteRule.backendRefs).
import { type Backend, BackendProtocol, type WeightedBackend } from '@penstock/ir'
import { showing } from './backend-tls.ts'
import { emitBackendFilters, type FilterContext } from './filters.ts'
import { type BackendPolicySpec, type BackendTls, HttpVersion } from './gen/agentgateway/policy.ts'
import type { BackendReference } from './gen/agentgateway/reference.ts'
import type { RouteBackend } from './gen/agentgateway/route.ts'
import { type ServiceIdentity, serviceOf, unavailable } from './resource-name.ts'
import type { OpenCertificate } from './secrets.ts'

/** A backend as a fleet uses it. */
export interface UsedBackend {
  readonly backend: Backend
  /** Absent: connections are plain. */
  readonly tls?: BackendTls
  /** No connection may be made: what should secure them is missing or broken. */
  readonly isClosed: boolean
  /** The keys of the records that say so. */
  readonly from: readonly string[]
}

/** What a rule needs to know of others. */
export interface ForwardingContext extends FilterContext {
  /** By the key of its record. */
  backendAt(key: string): UsedBackend | undefined
  /** What the rule's Gateway shows to backends; asked for where it matters. */
  certificate(): OpenCertificate | undefined
}

/** The proxy answers 500 for what names nothing, and 503 for a service without endpoints. */
export const nowhere: BackendReference = {}
const noEndpoints = referTo(unavailable, unavailable.port)

export function referToBackend(used: UsedBackend | undefined): BackendReference {
  if (used === undefined) return nowhere
  return used.isClosed ? noEndpoints : referTo(serviceOf(used.backend), used.backend.port)
}

/** Every share stays, those of weight 0 too: without one that has a weight the proxy answers 500. */
export function emitBackends(backends: readonly WeightedBackend[], context: ForwardingContext): RouteBackend[] {
  return backends.map(({ weight, filters, target }) => {
    if (target === undefined) throw new Error('a backend without a target: of a newer schema')
    const { policies, answer } = emitBackendFilters(filters, context)
    const status = target.$case === 'answer' ? target.value : answer
    if (status !== undefined) return { weight, backend: answering(status) }
    const used = target.$case === 'backend' ? context.backendAt(target.value) : undefined
    const specs = [...policies, ...connectionPolicies(used, context)].map((kind) => ({ kind }))
    return { weight, backend: referToBackend(used), ...(specs.length === 0 ? {} : { backendPolicies: specs }) }
  })
}

/** Whether some share is sent where nobody answers. */
export function needsUnavailable(backends: readonly WeightedBackend[]): boolean {
  return backends.some(({ target, filters }) =>
    [target, ...filters.map(({ filter }) => filter)].some(
      (one) => one?.$case === 'answer' && answering(one.value) === noEndpoints,
    ),
  )
}

const answering = (status: number): BackendReference => (status === 503 ? noEndpoints : nowhere)

function connectionPolicies(
  used: UsedBackend | undefined,
  { certificate }: ForwardingContext,
): NonNullable<BackendPolicySpec['kind']>[] {
  if (used === undefined || used.isClosed) return []
  const { backend, tls } = used
  const shown = tls && certificate()
  return [
    ...(tls === undefined || shown === undefined ? [] : [showing(tls, shown)]),
    // A port that HTTP and gRPC routes share speaks HTTP/1.1 as far as its Service says.
    ...(backend.variant !== '' && backend.protocol === BackendProtocol.BACKEND_PROTOCOL_H2C ? [http2] : []),
  ]
}

const http2: NonNullable<BackendPolicySpec['kind']> = {
  $case: 'backendHttp',
  value: { version: HttpVersion.HTTP_VERSION_HTTP2 },
}

function referTo({ namespace, hostname }: ServiceIdentity, port: number): BackendReference {
  return { kind: { $case: 'service', value: { namespace, hostname } }, port }
}
