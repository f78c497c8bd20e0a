// What HTTPRoute and GRPCRoute do differently, as data: everything else about a route and its rules is the same code.
import type { HttpBackendReference, HttpRouteFilter, SessionPersistence } from '@penstock/gateway-api'
import type { HttpRetry, HttpTimeouts } from '@penstock/ir'
import type { TranslatedMatches } from './matches.ts'
import type { Use } from './service.ts'

/** The fields that rules of every kind have; a filter of a GRPCRoute is one of an HTTPRoute's. */
export interface RuleFields {
  readonly name?: string
  readonly filters?: readonly HttpRouteFilter[]
  readonly backendRefs?: readonly HttpBackendReference[]
  readonly sessionPersistence?: SessionPersistence
}

/** How one kind of route answers where there is no backend: an HTTP status, and what its clients call it. */
export interface Unavailable {
  readonly status: number
  readonly name: string
}

/** `R`: a rule of this kind of route. */
export interface RuleSyntax<R extends RuleFields> {
  readonly kind: string
  /** What its backends must speak. */
  readonly use: Use
  readonly unavailable: Unavailable
  /** `place`: where the rule stands, such as `spec.rules[0]`. */
  matchesOf(rule: R, place: string): TranslatedMatches
  timeoutsOf(rule: R): HttpTimeouts | undefined
  retryOf(rule: R): HttpRetry | undefined
}
