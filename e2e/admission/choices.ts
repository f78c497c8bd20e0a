// Choices that a seed decides: the same seed, the same mutations.
import fc from 'fast-check'

export interface Choices {
  /** 0 to `max`. */
  upTo(max: number): number
  pick<T>(list: readonly T[]): T
  /** True once in `n` times. */
  oneIn(n: number): boolean
}

/** What `make` returns for `count` series of choices. */
export function sample<T>(make: (choices: Choices) => T, { seed, count }: { seed: number; count: number }): T[] {
  const made = fc.gen().map((draw) => {
    const upTo = (max: number): number => draw(fc.nat, { max })
    const pick = <E>(list: readonly E[]): E => list[upTo(list.length - 1)] as E
    return make({ upTo, pick, oneIn: (n) => upTo(n - 1) === 0 })
  })
  return fc.sample(made, { seed, numRuns: count })
}
