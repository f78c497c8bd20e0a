// Parsers of settings. One that refuses throws what was expected, and says beforehand what it takes.

/** Throws an error whose message completes "expected …". */
export interface Parser<T> {
  (value: string): T
  /** What it takes, in words of JSON schema, for whoever judges a value before the service does. */
  readonly takes?: Taken
}

export interface Taken {
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
}

export const text = (value: string): string => value

/** A whole number from `minimum` to `maximum`. */
export function integer(minimum: number, maximum: number): Parser<number> {
  const parse = (value: string): number => {
    const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN
    if (number >= minimum && number <= maximum) return number
    throw new Error(`a whole number from ${minimum} to ${maximum}`)
  }
  return Object.assign(parse, { takes: { minimum, maximum } })
}

/** 0 lets the system choose. */
export const port = integer(0, 65_535)

export function flag(value: string): boolean {
  if (value !== 'true' && value !== 'false') throw new Error('true or false')
  return value === 'true'
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Parser<T> {
  const parse = (value: string): T => {
    const match = allowed.find((one) => one === value)
    if (match === undefined) throw new Error(`one of ${allowed.join(', ')}`)
    return match
  }
  return Object.assign(parse, { takes: { enum: allowed } })
}

/** A text like `pattern`, which `expected` says in words. */
export function matching(pattern: string, expected: string): Parser<string> {
  const parse = (value: string): string => {
    if (!new RegExp(pattern).test(value)) throw new Error(expected)
    return value
  }
  return Object.assign(parse, { takes: { pattern } })
}

/** Separated by commas; blanks around them do not count. */
export function list(value: string): readonly string[] {
  const items = value.split(',').map((item) => item.trim())
  return Object.freeze(items.filter((item) => item !== ''))
}
