// From when to when an identity holds.

export interface Validity {
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** A clock that is a little behind must not find a new identity not valid yet. */
export const clockSkewMs = 5 * 60_000

/** Neither certificates nor tokens know parts of a second. */
export const wholeSeconds = ({ notBeforeMs, notAfterMs }: Validity): Validity => ({
  notBeforeMs: Math.floor(notBeforeMs / 1_000) * 1_000,
  notAfterMs: Math.floor(notAfterMs / 1_000) * 1_000,
})
