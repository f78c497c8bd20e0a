// Parsers of settings. One that refuses throws what was expected.

export const text = (value: string): string => value

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN
    if (number >= min && number <= max) return number
    throw new Error(`a whole number from ${min} to ${max}`)
  }
}

/** 0 lets the system choose. */
export const port = integer(0, 65_535)

export function flag(value: string): boolean {
  if (value !== 'true' && value !== 'false') throw new Error('true or false')
  return value === 'true'
}

export function oneOf<const T extends string>(...allowed: readonly T[]): (value: string) => T {
  return (value) => {
    const match = allowed.find((one) => one === value)
    if (match === undefined) throw new Error(`one of ${allowed.join(', ')}`)
    return match
  }
}

/** Separated by commas; blanks around them do not count. */
export function list(value: string): readonly string[] {
  const items = value.split(',').map((item) => item.trim())
  return Object.freeze(items.filter((item) => item !== ''))
}
