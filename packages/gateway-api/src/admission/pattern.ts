// Patterns are RE2 in Kubernetes, so RE2 decides here too: the same port of it that CEL uses.
import { RE2JS } from '@bufbuild/re2'

const compiled = new Map<string, RE2JS>()

/** Compiled once for the life of the process: every pattern comes from a schema or a rule, of which there are few. */
export function compilePattern(pattern: string): RE2JS {
  let program = compiled.get(pattern)
  if (program === undefined) {
    program = RE2JS.compile(pattern)
    compiled.set(pattern, program)
  }
  return program
}
