// One line when a condition of an object begins to tell of trouble, or of another one, and one when it is over.
import { sourceKey } from '@penstock/ir'
import type { Logger } from '@penstock/telemetry'
import { isTrouble, type StatusCondition } from './condition.ts'
import type { ObjectStatus } from './status-document.ts'

interface Owner {
  group: string
  kind: string
  namespace: string
  name: string
}

export interface TroubleLog {
  /** `before`: what is told already, perhaps by an earlier life. */
  check(owner: Owner, status: ObjectStatus | undefined, before?: ObjectStatus): void
}

/** `onTrouble`: whoever else wants to know of each that is not told yet. */
export function createTroubleLog(
  log: Logger,
  onTrouble: (owner: Owner, condition: StatusCondition) => void,
): TroubleLog {
  const known = new Map<string, Map<string, StatusCondition>>()
  return {
    check(owner, status, standing) {
      const { kind, namespace, name } = owner
      const object = { kind, namespace, name }
      const before = known.get(sourceKey(owner)) ?? new Map<string, StatusCondition>()
      const now = troubles(status)
      const told = troubles(standing)
      for (const [message, condition] of now) {
        const { type, status: value, reason } = condition
        if (before.has(message)) continue
        log.warn('condition', { ...object, type, status: value, reason, message })
        if (!told.has(message)) onTrouble(owner, condition)
      }
      const over = [...before.values()].filter(({ type }) => ![...now.values()].some((one) => one.type === type))
      if (status && now.size === 0 && over.length > 0) log.info('condition_recovered', object)
      if (now.size > 0) known.set(sourceKey(owner), now)
      else known.delete(sourceKey(owner))
    },
  }
}

/** One for each message: a listener tells the same trouble in several conditions. */
function troubles(status: ObjectStatus | undefined): Map<string, StatusCondition> {
  const all = [
    ...(status?.conditions ?? []),
    ...(status?.listeners ?? []).flatMap(({ conditions }) => conditions),
    ...[...(status?.parents ?? []), ...(status?.ancestors ?? [])].flatMap(({ conditions }) => conditions),
  ]
  const distinct = new Map<string, StatusCondition>()
  for (const condition of all.filter(isTrouble)) {
    if (!distinct.has(condition.message)) distinct.set(condition.message, condition)
  }
  return distinct
}
