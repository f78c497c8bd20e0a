// A user's mistake as a value: it becomes a condition. Its message is a sentence that says which object, which field and
// why. What a user cannot cause is a throw, which the engine holds.
import type { Condition } from '@penstock/ir'

export interface Problem<R extends string = string> {
  readonly reason: R
  readonly message: string
}

/**
 * True, with the type's own name as its reason, as the specification has it for all our types; or False: the first
 * problem gives the reason, all of them speak.
 */
export function conditionOf(type: string, problems: readonly Problem[], fine: string): Condition {
  const [first] = problems
  if (first === undefined) return { type, status: true, reason: type.slice(type.indexOf('/') + 1), message: fine }
  return { type, status: false, reason: first.reason, message: sentences(problems) }
}

/** A condition's message holds 32,768 characters at most (meta/v1 Condition), and nobody reads that many. */
export function sentences(problems: readonly Problem[]): string {
  const texts = [...new Set(problems.map(({ message }) => message))]
  const told = texts.slice(0, toldAtOnce).join(' ')
  return texts.length > toldAtOnce ? `${told} There are ${texts.length - toldAtOnce} more such problems.` : told
}

const toldAtOnce = 8
