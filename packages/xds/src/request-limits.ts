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
  const { typeUrl = '', resourceNamesSubscribe: names = [], initialResourceVersions: held = {} } = request
  if (typeUrl === '') return invalid('no_type', 'a request on an aggregated stream needs a type_url')
  if (typeUrl.length > maxTypeUrlLength) return invalid('type_too_long', `a type_url of ${typeUrl.length} characters`)
  const brought = Object.keys(held)
  const count = Math.max(names.length, brought.length)
  if (count > limits.maxNames)
    return exhausted('too_many_names', `${count} names in a request, ${limits.maxNames} at most`)
  for (const name of [...names, ...brought]) {
    if (name.length > limits.maxNameLength) {
      return invalid('name_too_long', `a name of ${name.length} characters, ${limits.maxNameLength} at most`)
    }
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

export interface Asked {
  /** Types, names and requests that the stream holds so far. */
  readonly types: number
  readonly names: number
  readonly waiting: number
}

/** Of a stream that would hold this request too. */
export function checkTotal(asked: Asked, request: DeltaDiscoveryRequest, limits: XdsSettings): Violation | undefined {
  const names = asked.names + (request.resourceNamesSubscribe?.length ?? 0)
  if (names > limits.maxNames) return exhausted('too_many_names', `${names} names, ${limits.maxNames} at most`)
  if (asked.types > limits.maxTypes) return exhausted('too_many_types', `more than ${limits.maxTypes} types`)
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
