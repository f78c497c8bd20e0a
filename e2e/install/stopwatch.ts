// What each step took, told as it ends, and once more at the end.
export interface Stopwatch {
  say(sentence: string): void
  step<T>(name: string, work: () => Promise<T>): Promise<T>
  /** Of a step that somebody else has timed. */
  took(name: string, ms: number): void
  /** All steps in one line. */
  summary(): string
}

export function createStopwatch(): Stopwatch {
  const startMs = performance.now()
  const steps: string[] = []
  const say = (sentence: string): void => {
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(1)
    console.log(`${seconds.padStart(6)} s  ${sentence}`)
  }
  const took = (name: string, ms: number): void => {
    const sentence = `${name} ${(ms / 1_000).toFixed(1)} s`
    steps.push(sentence)
    say(sentence)
  }
  return {
    ...{ say, took },
    async step(name, work) {
      const beganMs = performance.now()
      const result = await work()
      took(name, performance.now() - beganMs)
      return result
    },
    summary: () => steps.join(', '),
  }
}
