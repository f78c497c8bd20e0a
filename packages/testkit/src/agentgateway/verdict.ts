// What becomes of a delivered resource: taken, taken with a warning, or refused. Both of the latter are told to the
// server; only a refused one is not applied.

/** The resource is not applied. */
export class Refused extends Error {}

export type Reject = { readonly key: string; readonly error: string } | { readonly key: string; readonly warn: string }

/** Applied, but not as it stands there. */
export type Warn = (warning: string) => void

export function refuse(why: string): never {
  throw new Refused(why)
}

export function required<T>(value: T | undefined): T {
  return value ?? refuse('missing required field')
}

/** One of the numbers from 0 to the last, or of those given. */
export function enumerated(value: number, known: number | readonly number[]): number {
  const valid = typeof known === 'number' ? value >= 0 && value <= known : known.includes(value)
  return valid ? value : refuse(`unknown enumeration value ${value}`)
}

/** A token of HTTP: header names are given in lower case. */
export function headerName(name: string): string {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) ? name.toLowerCase() : refuse(`invalid HTTP header name ${name}`)
}

export function statusCode(status: number): number {
  return status >= 100 && status <= 999 ? status : refuse(`invalid status code ${status}`)
}
