// One validation rule, compiled: a CEL expression over `self` and, for a rule about changes, `oldSelf`.
import { type CelInput, type CelResult, celEnv, celList, isCelError, parse, plan } from '@bufbuild/cel'
import { kubernetesFunctions } from './cel-functions.ts'
import { compilePattern } from './pattern.ts'
import type { ValidationRule } from './schema.ts'

type Program = (variables: Record<string, CelInput>) => CelResult

const environment = celEnv({ funcs: kubernetesFunctions, re2: { compile: compilePattern } })

/** Many fields share a rule, word for word. */
const programs = new Map<string, Program>()

function programOf(expression: string): Program {
  let program = programs.get(expression)
  if (program === undefined) {
    program = plan(environment, parse(expression))
    programs.set(expression, program)
  }
  return program
}

/** Throws when the rule is no CEL: a fault in a schema, not in a document. */
export function compileRule({ rule, messageExpression }: ValidationRule): void {
  programOf(rule)
  if (messageExpression !== undefined) programOf(messageExpression)
}

/** Why the rule does not hold; undefined: it does, or it is about a change and there was nothing before. */
export function brokenRule(rule: ValidationRule, self: CelInput, oldSelf: CelInput | undefined): string | undefined {
  const variables: Record<string, CelInput> = { self }
  if (rule.optionalOldSelf === true) variables['oldSelf'] = celList(oldSelf === undefined ? [] : [oldSelf])
  else if (oldSelf !== undefined) variables['oldSelf'] = oldSelf
  else if (isAboutChange(rule)) return undefined
  const holds = programOf(rule.rule)(variables)
  if (holds === true) return undefined
  if (isCelError(holds)) {
    const cause = holds.message.replace(/^field not found/, 'no such key')
    return `${cause} evaluating rule: ${rule.message ?? rule.rule}`
  }
  const told = rule.messageExpression === undefined ? undefined : programOf(rule.messageExpression)(variables)
  if (typeof told === 'string' && told.trim() !== '') return told
  return rule.message ?? `failed rule: ${rule.rule}`
}

/** Whether it compares with what was there before. */
export function isAboutChange({ rule }: ValidationRule): boolean {
  return /\boldSelf\b/.test(rule)
}
