// What was made of a document, by whom ever.
export type PlainObject = Readonly<Record<string, unknown>>

/** Admitted, as which object if that was told; or not, and why. */
export type Verdict = { readonly object: PlainObject | undefined } | { readonly refused: string }

export function isPlain(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
