// Chance that a seed brings back.

export interface Random {
  /** From 0 to below `limit`. */
  upTo(limit: number): number
  of<T>(items: readonly T[]): T
  bytes(length: number): Buffer
  /** The same bytes but for a few mistakes. */
  mutate(bytes: Buffer): Buffer
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const upTo = (limit: number): number => Math.floor(next() * limit)
  const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => upTo(256)))
  return {
    upTo,
    bytes,
    of: (items) => items[upTo(items.length)] as (typeof items)[number],
    mutate(original) {
      let mutated = Buffer.from(original)
      for (let count = 1 + upTo(6); count > 0 && mutated.length > 0; count -= 1) {
        const at = upTo(mutated.length)
        const edit = upTo(4)
        if (edit === 0) mutated[at] = upTo(256)
        else if (edit === 1) mutated = mutated.subarray(0, at)
        else if (edit === 2) mutated = Buffer.concat([mutated.subarray(0, at), bytes(upTo(30)), mutated.subarray(at)])
        else mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(at + 1 + upTo(8))])
      }
      return mutated
    },
  }
}
