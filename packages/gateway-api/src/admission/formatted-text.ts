// Text in one of the formats of names.ts, as a schema.
import type { Schema } from './schema.ts'

/** `otherwise`: a condition on `self` under which it may be something else. */
export function formatted(format: string, otherwise = 'false'): Schema {
  const rule = `${otherwise} || !format.${format}().validate(self).hasValue()`
  return { type: 'string', 'x-kubernetes-validations': [{ rule, message: `must be a ${format}` }] }
}
