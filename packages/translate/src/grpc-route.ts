// What only a GRPCRoute has (Gateway API: GRPCRouteRule): matches by service and method, backends that speak HTTP/2
// whatever their Service says, and UNAVAILABLE, which is HTTP 503, where there is no backend.
import type { GrpcRouteRule } from '@penstock/gateway-api'
import { translateGrpcMatches } from './grpc-matches.ts'
import type { RuleSyntax } from './rule-syntax.ts'

export const grpcRouteSyntax: RuleSyntax<GrpcRouteRule> = {
  kind: 'GRPCRoute',
  use: 'grpc',
  unavailable: { status: 503, name: 'UNAVAILABLE' },
  matchesOf: translateGrpcMatches,
  timeoutsOf: () => undefined,
  retryOf: () => undefined,
}
