// What is wrong with a document, in the API server's words (apimachinery, util/validation/field/errors.go).

export interface Refusal {
  /** `spec.rules[0].matches[0].path.value`; empty: the whole document. */
  readonly path: string
  readonly reason: string
}

export function required(path: string, detail = ''): Refusal {
  return { path, reason: detail === '' ? 'Required value' : `Required value: ${detail}` }
}

export function invalid(path: string, value: unknown, detail: string): Refusal {
  return { path, reason: `Invalid value: ${shown(value)}: ${detail}` }
}

export function unsupported(path: string, value: unknown, supported: readonly unknown[]): Refusal {
  return { path, reason: `Unsupported value: ${shown(value)}: supported values: ${supported.map(shown).join(', ')}` }
}

export function duplicate(path: string, value: unknown): Refusal {
  return { path, reason: `Duplicate value: ${JSON.stringify(value)}` }
}

export function unknownField(path: string): Refusal {
  return { path, reason: 'unknown field' }
}

export function childPath(path: string, name: string): string {
  if (!/^[A-Za-z0-9_$-]+$/.test(name)) return `${path}[${name}]`
  return path === '' ? name : `${path}.${name}`
}

/** Whole objects and lists are named by their type, as they would bury the message. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return '"array"'
  return typeof value === 'object' && value !== null ? '"object"' : JSON.stringify(value)
}
