// The status of an object in the shape that it has in Kubernetes, from the STATUS record and what was there before.
import { isDeepStrictEqual } from 'node:util'
import type { ListenerStatus, ParentStatus, Source, Status } from '@penstock/ir'
import { type ConditionContext, type StatusCondition, shownConditions } from './condition.ts'
import type { ParentObject, Verdict } from './programmed.ts'

export interface ObjectStatus {
  readonly addresses?: readonly Address[]
  readonly attachedListenerSets?: number
  readonly conditions?: readonly StatusCondition[]
  readonly listeners?: readonly ShownListener[]
  readonly parents?: readonly ShownParent[]
  /** Of a policy. */
  readonly ancestors?: readonly ShownAncestor[]
  readonly supportedFeatures?: readonly { name: string }[]
}

export interface Address {
  readonly type: string
  readonly value: string
}

interface ShownListener {
  readonly name: string
  readonly attachedRoutes: number
  readonly supportedKinds: readonly { group: string; kind: string }[]
  readonly conditions: readonly StatusCondition[]
}

interface ShownAncestor {
  readonly ancestorRef: ParentReference
  readonly controllerName: string
  readonly conditions: readonly StatusCondition[]
}

interface ShownParent {
  readonly parentRef: ParentReference
  readonly controllerName: string
  readonly conditions: readonly StatusCondition[]
}

interface ParentReference {
  readonly group: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly sectionName?: string
  readonly port?: number
}

export interface DocumentContext {
  readonly controllerName: string
  /** Where the proxies of these fleets are reached; undefined: nobody says so now. */
  addresses(fleets: readonly string[]): readonly Address[] | undefined
  /** RFC 3339. */
  readonly now: string
  /** Whether the proxies of these fleets have the object, and what it hangs on. */
  judge(fleets: readonly string[], parent?: ParentObject): Verdict
}

export function objectStatus(
  record: Status & { readonly source: Source },
  before: ObjectStatus | undefined,
  context: DocumentContext,
): ObjectStatus {
  const { kind, generation } = record.source
  const whole = { generation, now: context.now, verdict: context.judge(record.fleets) }
  return {
    ...(kind === 'Gateway' ? { addresses: context.addresses(record.fleets) ?? before?.addresses ?? [] } : {}),
    ...(record.conditions.length > 0
      ? { conditions: shownConditions(record.conditions, before?.conditions ?? [], whole) }
      : {}),
    ...(record.attachedListenerSets === undefined ? {} : { attachedListenerSets: record.attachedListenerSets }),
    ...(kind === 'Gateway' || kind === 'ListenerSet'
      ? { listeners: record.listeners.map((one) => shownListener(one, before, whole)) }
      : {}),
    ...(kind.endsWith('Route')
      ? { parents: record.parents.map((one) => shownParent(one, before, { ...context, source: record.source })) }
      : {}),
    ...(kind.endsWith('Policy')
      ? { ancestors: record.parents.map((one) => shownAncestor(one, before, whole, context.controllerName)) }
      : {}),
    ...(record.supportedFeatures.length > 0
      ? { supportedFeatures: record.supportedFeatures.map((feature) => ({ name: feature })) }
      : {}),
  }
}

/** An address as it is written in a setting. */
export function addressOf(value: string): Address {
  return { type: /^[\d.]+$|:/.test(value) ? 'IPAddress' : 'Hostname', value }
}

function shownListener(
  { name, attachedRoutes, supportedKinds, conditions }: ListenerStatus,
  before: ObjectStatus | undefined,
  context: ConditionContext,
): ShownListener {
  const old = before?.listeners?.find((listener) => listener.name === name)
  return {
    name,
    attachedRoutes,
    supportedKinds,
    conditions: shownConditions(conditions, old?.conditions ?? [], context),
  }
}

function shownParent(
  parent: ParentStatus,
  before: ObjectStatus | undefined,
  context: DocumentContext & { readonly source: Source },
): ShownParent {
  const { group, kind, namespace, name, conditions, fleets } = parent
  const parentRef = referenceTo(parent)
  const { controllerName } = context
  // The API server gives fields in another order than we do.
  const ours = [parentRef, controllerName]
  const old = before?.parents?.find((one) => isDeepStrictEqual([one.parentRef, one.controllerName], ours))
  const { source, now } = context
  const verdict = context.judge(fleets, { group, kind, namespace: namespace || source.namespace, name })
  const said = { generation: source.generation, now, verdict }
  return { parentRef, controllerName, conditions: shownConditions(conditions, old?.conditions ?? [], said) }
}

function shownAncestor(
  ancestor: ParentStatus,
  before: ObjectStatus | undefined,
  context: ConditionContext,
  controllerName: string,
): ShownAncestor {
  const ancestorRef = referenceTo(ancestor)
  const ours = [ancestorRef, controllerName]
  const old = before?.ancestors?.find((one) => isDeepStrictEqual([one.ancestorRef, one.controllerName], ours))
  return {
    ancestorRef,
    controllerName,
    conditions: shownConditions(ancestor.conditions, old?.conditions ?? [], context),
  }
}

const referenceTo = ({ group, kind, namespace, name, sectionName, port }: ParentStatus): ParentReference => ({
  group,
  kind,
  ...(namespace === '' ? {} : { namespace }),
  name,
  ...(sectionName === '' ? {} : { sectionName }),
  ...(port === 0 ? {} : { port }),
})
