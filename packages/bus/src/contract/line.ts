// One client's line to its broker, which breaks where a test says: at a message, at rest, for a moment or for long.

export interface Line {
  /** False: the client reaches nobody, and notices only what it would notice of itself. */
  readonly up: boolean
  /** Asked for each message that is delivered, in order; false: it is lost. */
  carries(): boolean
  /** Told when the line is whole again. */
  onMended(listener: () => void): void
}

export interface FrailLine extends Line {
  /** The message `after` those that come from now on is lost, and no other. */
  loseOne(after: number): void
  /** From the message `after` those that come from now on, nothing gets through until it is mended. */
  cut(after?: number): void
  mend(): void
}

export function createLine(): FrailLine {
  let left = Number.POSITIVE_INFINITY
  let lasting = false
  let up = true
  const listeners: (() => void)[] = []
  return {
    get up() {
      return up
    },
    carries() {
      if (!up) return false
      left -= 1
      if (left >= 0) return true
      left = Number.POSITIVE_INFINITY
      up = !lasting
      return false
    },
    onMended: (listener) => void listeners.push(listener),
    loseOne(after) {
      left = after
      lasting = false
    },
    cut(after) {
      lasting = true
      if (after === undefined) up = false
      else left = after
    },
    mend() {
      left = Number.POSITIVE_INFINITY
      if (up) return
      up = true
      for (const listener of listeners) listener()
    },
  }
}

export const soundLine: Line = { up: true, carries: () => true, onMended: () => {} }
