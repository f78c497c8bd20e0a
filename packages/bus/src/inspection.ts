// What an operator asks a service about its bus: is it connected, does it lead, how far is each channel, what is held
// back and why, and since which commit does a key stand as it does.

/** A part of a bus that can be asked. */
export interface Inspected {
  inspect(): Inspection
  /** Of one key. */
  inspectKey(key: string): Inspection
}

/** Fit for a page; what is undefined is not known or does not apply. */
export type Inspection = Readonly<Record<string, unknown>>

export interface InspectedPart {
  readonly channel: string
  readonly stream: string
  readonly does: 'publishes' | 'follows' | 'announces' | 'listens'
  readonly part: Inspected
}

/** `path`: empty for all, or `<channel>/<key>`. Undefined: no such channel is in use here. */
export function inspection(
  path: string,
  whole: Inspection,
  parts: readonly InspectedPart[],
): Inspection | readonly Inspection[] | undefined {
  if (path === '') {
    const channels = parts.map(({ part, ...where }) => ({ ...where, ...part.inspect() }))
    return { ...whole, channels }
  }
  const [channel, ...key] = path.split('/')
  const asked = parts.filter((each) => each.channel === channel)
  if (asked.length === 0 || key.length === 0) return undefined
  return asked.map(({ part, does }) => ({ does, key: key.join('/'), ...part.inspectKey(key.join('/')) }))
}
