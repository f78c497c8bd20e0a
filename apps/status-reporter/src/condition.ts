// Conditions as Kubernetes shows them. A transition time moves only when the status flips.
import type { Condition } from '@penstock/ir'
import type { Verdict } from './programmed.ts'

export interface StatusCondition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly observedGeneration: number
  readonly lastTransitionTime: string
  readonly reason: string
  readonly message: string
}

export const routeProgrammed = 'penstock.dev/Programmed'
const negative = new Set(['Conflicted', 'OverlappingTLSConfig', 'PartiallyInvalid'])

/** A condition of this type with this status tells of trouble. */
export const isTrouble = ({ type, status }: StatusCondition): boolean =>
  status === (negative.has(type) ? 'True' : 'False')

export interface ConditionContext {
  readonly generation: number
  /** On the fleets that this place names. */
  readonly verdict: Verdict
  /** RFC 3339. */
  readonly now: string
}

/** `before`: the conditions of the same place as last written. */
export function shownConditions(
  conditions: readonly Condition[],
  before: readonly StatusCondition[],
  context: ConditionContext,
): StatusCondition[] {
  return conditions.map((condition) => {
    const old = before.find(({ type }) => type === condition.type)
    const joins = condition.status && (condition.type === 'Programmed' || condition.type === routeProgrammed)
    return joins ? programmedCondition(condition.type, old, context) : plainCondition(condition, old, context)
  })
}

function plainCondition(
  { type, status, reason, message }: Condition,
  old: StatusCondition | undefined,
  { generation, now }: ConditionContext,
): StatusCondition {
  const shown = { type, status: status ? 'True' : 'False', observedGeneration: generation, reason, message } as const
  return { ...shown, lastTransitionTime: transition(shown.status, old, now) }
}

function programmedCondition(
  type: string,
  old: StatusCondition | undefined,
  { generation, verdict, now }: ConditionContext,
): StatusCondition {
  // A route's own condition carries no numbers: it is written at most twice for each generation.
  const message = type === routeProgrammed && verdict.status === 'True' ? everyProxy : verdict.message
  if (verdict.status !== 'undecided') {
    const { status, reason } = verdict
    const lastTransitionTime = transition(status, old, now)
    return { type, status, observedGeneration: generation, reason, message, lastTransitionTime }
  }
  if (old?.status === 'True') return type === routeProgrammed ? old : { ...old, message }
  const waiting = type === routeProgrammed ? 'Not every connected proxy has acknowledged the route yet.' : message
  return {
    type,
    status: 'Unknown',
    observedGeneration: generation,
    reason: 'Pending',
    message: waiting,
    lastTransitionTime: transition('Unknown', old, now),
  }
}

const everyProxy = 'Every connected proxy acknowledged this generation.'

function transition(status: StatusCondition['status'], old: StatusCondition | undefined, now: string): string {
  return old?.status === status ? old.lastTransitionTime : now
}
