// What the owner of a BackendTLSPolicy is told, for each Gateway that sends to what it targets (Gateway API:
// PolicyStatus.ancestors). A policy that no Gateway of ours has a use for is none of our business.
import type { ConditionReason } from '@penstock/gateway-api'
import type { Index, Read } from '@penstock/incremental'
import { type Condition, gatewayOfListener, type ParentStatus, type Status } from '@penstock/ir'
import { type TlsPolicies, type TlsPolicy, type TlsPolicyTarget, winnerAt } from './backend-tls-policy.ts'
import { conditionOf, type Problem } from './problem.ts'
import type { TranslatedRoute } from './route.ts'
import type { ServicePortFacts } from './service.ts'
import { nameOf } from './source.ts'

/** A Gateway sends to a port of a Service. */
export interface ServiceUse {
  readonly gateway: { readonly namespace: string; readonly name: string }
  /** `<namespace>/<name>` */
  readonly service: string
  readonly port: number
}

/** Each under the same key whichever route it comes from. */
export function serviceUses({ rules, backends }: TranslatedRoute): readonly (readonly [string, ServiceUse])[] {
  // All rules of a route have the same.
  const gateways = new Set(rules[0]?.attachments.map(({ listener }) => gatewayOfListener(listener)))
  return [...gateways].flatMap((gateway) => {
    const [, gatewayNamespace = '', gatewayName = ''] = gateway.split('/')
    return backends.map((backend) => {
      const [, , namespace, name, port] = backend.split('/')
      const use = {
        gateway: { namespace: gatewayNamespace, name: gatewayName },
        service: `${namespace}/${name}`,
        port: Number(port),
      }
      return [`${gatewayNamespace}/${gatewayName}/${use.service}/${port}`, use] as const
    })
  })
}

export interface PolicyStatusSources extends TlsPolicies {
  /** By `<namespace>/<name>` of the Service. */
  readonly portsByService: Index<ServicePortFacts>
  readonly usesByService: Index<ServiceUse>
}

// The API takes no more (PolicyStatus.ancestors).
const mostAncestors = 16

export function tlsPolicyStatus(policy: TlsPolicy, read: Read, from: PolicyStatusSources): Status | undefined {
  const ancestors = ancestorsOf(policy, read, from)
  if (ancestors.size === 0) return undefined
  const keys = [...ancestors.keys()].sort().slice(0, mostAncestors)
  return {
    source: policy.source,
    conditions: [],
    parents: keys.map((key) => ancestorStatus(ancestors.get(key) as Ancestor, policy, read, from)),
    listeners: [],
    supportedFeatures: [],
    fleets: [],
    finalizers: [],
  }
}

interface Ancestor {
  readonly gateway: ServiceUse['gateway']
  /** To which it sends. */
  readonly targets: Set<TlsPolicyTarget>
}

function ancestorsOf({ targets }: TlsPolicy, read: Read, from: PolicyStatusSources): ReadonlyMap<string, Ancestor> {
  const ancestors = new Map<string, Ancestor>()
  for (const target of targets) {
    const ports = portsOf(target, read, from)
    for (const { value: use } of read.lookup(from.usesByService, target.service)) {
      if (target.place === undefined || (ports.size > 0 && !ports.has(use.port))) continue
      const { gateway } = use
      const key = `${gateway.namespace}/${gateway.name}`
      const ancestor = ancestors.get(key) ?? { gateway, targets: new Set() }
      ancestors.set(key, ancestor)
      ancestor.targets.add(target)
    }
  }
  return ancestors
}

function ancestorStatus(
  { gateway: { namespace, name }, targets }: Ancestor,
  policy: TlsPolicy,
  read: Read,
  from: PolicyStatusSources,
): ParentStatus {
  const group = 'gateway.networking.k8s.io'
  // A target that is nowhere is nobody's, so everyone is told.
  const concerned = policy.targets.filter((target) => targets.has(target) || isNowhere(target, read, from))
  const conditions = conditionsOf(policy, concerned, read, from)
  return { group, kind: 'Gateway', namespace, name, sectionName: '', port: 0, conditions, fleets: [] }
}

function conditionsOf(
  policy: TlsPolicy,
  targets: readonly TlsPolicyTarget[],
  read: Read,
  from: PolicyStatusSources,
): Condition[] {
  const name = nameOf(policy.source)
  const refused = [...targets.flatMap((target) => trouble(policy, target, read, from)), ...policy.problems]
  return [
    conditionOf('Accepted', refused, `${name} is in force for its targets.`),
    conditionOf('ResolvedRefs', policy.unresolved, `All references of ${name} are resolved.`),
  ]
}

function trouble(
  policy: TlsPolicy,
  target: TlsPolicyTarget,
  read: Read,
  from: PolicyStatusSources,
): Problem<ConditionReason<'BackendTLSPolicy', 'Accepted'>>[] {
  const who = `${nameOf(policy.source)} targets ${target.section === '' ? '' : `port ${target.section} of `}${target.name}`
  if (target.place === undefined) {
    return [{ reason: 'TargetNotFound', message: `${who}, but it can only secure Services.` }]
  }
  if (portsOf(target, read, from).size === 0) {
    return [{ reason: 'TargetNotFound', message: `${who}, which does not exist.` }]
  }
  const winner = winnerAt(target.place, read, from)
  if (winner === undefined || winner.precedence === policy.precedence) return []
  return [{ reason: 'Conflicted', message: `${who}, and so does ${nameOf(winner.source)}, which comes first.` }]
}

const isNowhere = (target: TlsPolicyTarget, read: Read, from: PolicyStatusSources): boolean =>
  target.place === undefined || portsOf(target, read, from).size === 0

/** Those that the target names, by number. */
function portsOf({ service, section }: TlsPolicyTarget, read: Read, from: PolicyStatusSources): ReadonlySet<number> {
  const ports = read.lookup(from.portsByService, service).map(({ value }) => value)
  return new Set(ports.filter(({ name }) => section === '' || name === section).map(({ port }) => port))
}
