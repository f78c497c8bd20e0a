// Where a reference to a backend leads (Gateway API: BackendObjectReference): the backend record of a Service port, or why
// there is none. Permission is asked before existence.
import {
  type BackendObjectReference,
  type ConditionReason,
  type ObjectName,
  objectKey,
  type Service,
} from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import type { RequestCapabilities } from '@penstock/ir'
import { type Grants, isPermitted } from './grants.ts'
import type { Problem } from './problem.ts'
import type { RuleFields, RuleSyntax } from './rule-syntax.ts'
import { type PortCheck, serviceBackendKey } from './service.ts'

export interface BackendSources extends Grants {
  readonly portChecks: Collection<PortCheck>
  readonly services: Collection<Service>
}

export interface BackendReads {
  readonly read: Read
  readonly from: BackendSources
}

export type BackendProblem = Problem<ConditionReason<'RouteParent', 'ResolvedRefs'>>

/** Where the rule stands: the namespace of its route, and the place in the spec, such as `spec.rules[0]`. */
export interface RulePlace {
  readonly namespace: string
  readonly place: string
  readonly plane: RequestCapabilities
  readonly syntax: Pick<RuleSyntax<RuleFields>, 'kind' | 'use' | 'unavailable'>
}

/** The key of the backend record, or why there is none. */
export function resolveBackend(
  ref: BackendObjectReference,
  rule: Pick<RulePlace, 'namespace' | 'place' | 'syntax'>,
  { read, from }: BackendReads,
): string | BackendProblem {
  const { group, kind, namespace = rule.namespace, name, port } = ref
  const target = { group, kind, namespace, name }
  const fail = (reason: BackendProblem['reason'], why: string): BackendProblem => ({
    reason,
    message: `${rule.place} names ${kind} ${namespace}/${name}, ${why}.`,
  })
  if (group !== '' || kind !== 'Service') {
    return fail('InvalidKind', `but ${group === '' ? 'core' : group}/${kind} is no kind of backend that is supported`)
  }
  const route = { group: 'gateway.networking.k8s.io', kind: rule.syntax.kind, namespace: rule.namespace }
  if (!isPermitted(route, target, read, from)) {
    return fail('RefNotPermitted', `which no ReferenceGrant in namespace ${namespace} permits`)
  }
  const { use } = rule.syntax
  const check = read.get(from.portChecks, serviceBackendKey(target, port ?? 0))
  if (check === undefined) return fail(...missing(target, port, read, from))
  const problem = check[use]
  if (problem === undefined) return serviceBackendKey(target, port ?? 0, use)
  return { ...problem, message: `${rule.place}: ${problem.message}` }
}

/** Only a broken reference reads the Service itself. */
function missing(
  target: ObjectName,
  port: number | undefined,
  read: Read,
  { services }: BackendSources,
): [BackendProblem['reason'], string] {
  const service = read.get(services, objectKey(target))
  if (service === undefined) return ['BackendNotFound', 'which does not exist']
  if (service.spec?.type === 'ExternalName')
    return ['InvalidKind', 'but a Service of type ExternalName is not supported']
  return ['BackendNotFound', port === undefined ? 'without saying which port' : `which has no port ${port}`]
}
