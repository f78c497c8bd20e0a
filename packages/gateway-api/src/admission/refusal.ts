// What is wrong with a document, in the API server's words (apimachinery, util/validation/field/errors.go). The value at
// fault is kept apart from the words until the end: of a Secret it is never told.

export interface Refusal {
  /** `spec.rules[0].matches[0].path.value`; empty: the whole document. */
  readonly path: string
  readonly reason: string
}

export interface Problem {
  readonly path: string
  readonly fault: string
  /** As it is shown: short, JSON. It may stand in no other field. */
  readonly value?: string
  readonly detail?: string
}

export function required(path: string, detail = ''): Problem {
  return { path, fault: 'Required value', ...(detail !== '' && { detail }) }
}

export function invalid(path: string, value: unknown, detail: string): Problem {
  return { path, fault: 'Invalid value', value: shown(value), detail }
}

export function unsupported(path: string, value: unknown, supported: readonly unknown[]): Problem {
  const detail = `supported values: ${supported.map(shown).join(', ')}`
  return { path, fault: 'Unsupported value', value: shown(value), detail }
}

export function duplicate(path: string, value: unknown): Problem {
  return { path, fault: 'Duplicate value', value: shortened(JSON.stringify(value)) }
}

export function unknownField(path: string): Problem {
  return { path, fault: 'unknown field' }
}

export function refusalOf({ path, fault, value, detail }: Problem): Refusal {
  return { path, reason: [fault, value, detail].filter((part) => part !== undefined).join(': ') }
}

/** Without the value; nor is a field told whose name is no name: a key in the wrong column looks like one. */
export function secretRefusalOf({ path, fault, detail }: Problem): Refusal {
  const kept = /^[-\w./[\]]{0,100}$/.test(path) ? path : ''
  return refusalOf({ path: kept, fault, ...(detail !== undefined && { detail }) })
}

export function childPath(path: string, name: string): string {
  if (!/^[A-Za-z0-9_$-]+$/.test(name)) return `${path}[${name}]`
  return path === '' ? name : `${path}.${name}`
}

const maxShownLength = 100

/** No message is longer for a value that is. */
export function shortened(text: string): string {
  // A character of two units is not cut in the middle.
  return text.length > maxShownLength ? `${text.slice(0, maxShownLength).replace(/[\uD800-\uDBFF]$/, '')}…` : text
}

/** Whole objects and lists are named by their type, as they would bury the message. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return '"array"'
  if (typeof value === 'string') return JSON.stringify(shortened(value))
  return typeof value === 'object' && value !== null ? '"object"' : (JSON.stringify(value) ?? 'undefined')
}
