// What one proxy may ask for. A proxy of ours stays far below every number here; one that does not is not, or not any more.
import { status } from '@grpc/grpc-js'
import type { DeltaDiscoveryRequest } from './gen/envoy/service/discovery/v3/discovery.ts'
import type { XdsSettings } from './settings.ts'

/** Why a stream is ended. */
export interface Violation {
  code: status
  /** A label of the metric. */
  reason: string
  /** For the proxy's own log. */
  says: string
}

const maxTypeUrlLength = 256
const maxNodeNameLength = 512

/** Of a request by itself. */
export function checkRequest(request: DeltaDiscoveryRequest, limits: XdsSettings): Violation | undefined {
  const { typeUrl = '' } = request
  if (typeUrl === '') return invalid('no_type', 'a request on an aggregated stream needs a type_url')
  if (typeUrl.length > maxTypeUrlLength) return invalid('type_too_long', `a type_url of ${typeUrl.length} characters`)
  const { resourceNamesUnsubscribe: left = [], initialResourceVersions: held = {} } = request
  if (left.length > limits.maxNames) {
    return exhausted('too_many_names', `${left.length} names let go in a request, ${limits.maxNames} at most`)
  }
  for (const names of [request.resourceNamesSubscribe ?? [], left, Object.keys(held), Object.values(held)]) {
    const long = names.find((name) => name.length > limits.maxNameLength)
    if (long === undefined) continue
    return invalid('name_too_long', `a name of ${long.length} characters, ${limits.maxNameLength} at most`)
  }
  return undefined
}

/** Of the node, which the first request carries; later ones may repeat it. */
export function checkNode({ node }: DeltaDiscoveryRequest, limits: XdsSettings): Violation | undefined {
  if (!node) return invalid('no_node', 'the first request of a stream must carry node')
  const { id = '', cluster = '', metadata } = node
  if (Math.max(id.length, cluster.length) > maxNodeNameLength) {
    return invalid('node_too_large', `a node id or cluster of more than ${maxNodeNameLength} characters`)
  }
  if (sizeOf(metadata) > limits.maxMetadataBytes) {
    return invalid('node_too_large', `node metadata of more than ${limits.maxMetadataBytes} bytes`)
  }
  return undefined
}

/** What names cost: how many there are, and their characters together. */
export interface Extent {
  names: number
  chars: number
}

/** What a stream holds so far: types, names, and requests that wait. */
export interface Asked extends Readonly<Extent> {
  readonly types: ReadonlySet<string>
  readonly waiting: number
}

/** Of names that a request asks for, or says that the proxy holds. */
export function extentOf({ resourceNamesSubscribe = [], initialResourceVersions = {} }: DeltaDiscoveryRequest): Extent {
  const brought = Object.keys(initialResourceVersions)
  return {
    names: resourceNamesSubscribe.length + brought.length,
    chars: charsOf(resourceNamesSubscribe) + charsOf(brought),
  }
}

export const charsOf = (names: readonly string[]): number => names.reduce((chars, name) => chars + name.length, 0)

/** Of a stream that would hold this request too. */
export function checkTotal(asked: Asked, request: DeltaDiscoveryRequest, limits: XdsSettings): Violation | undefined {
  const more = extentOf(request)
  const [names, chars] = [asked.names + more.names, asked.chars + more.chars]
  if (names > limits.maxNames) return exhausted('too_many_names', `${names} names, ${limits.maxNames} at most`)
  if (chars > limits.maxNamesLength) {
    return exhausted('too_many_names', `names of ${chars} characters together, ${limits.maxNamesLength} at most`)
  }
  const isNew = !asked.types.has(request.typeUrl ?? '')
  if (isNew && asked.types.size >= limits.maxTypes)
    return exhausted('too_many_types', `more than ${limits.maxTypes} types`)
  if (asked.waiting >= limits.maxWaiting) {
    return exhausted('too_many_requests', `${asked.waiting} requests before the first answer`)
  }
  return undefined
}

export const invalid = (reason: string, says: string): Violation => ({ code: status.INVALID_ARGUMENT, reason, says })
export const exhausted = (reason: string, says: string): Violation => ({
  ...{ code: status.RESOURCE_EXHAUSTED, reason, says },
})

function sizeOf(metadata: unknown): number {
  try {
    return metadata === undefined ? 0 : Buffer.byteLength(JSON.stringify(metadata))
  } catch {
    // Nested beyond what can be followed.
    return Infinity
  }
}
