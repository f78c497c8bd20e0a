// What the suite said of each test, against what we committed that it says: `expected.txt`, a line for each of its tests.
// A test is worse when it should pass and does not, or fails though nothing of it is claimed; one that is not there at
// all is missing. Both fail the run, so the list never promises too much.

/** `skip`: it asks for a feature that we do not claim. */
export type Outcome = 'pass' | 'fail' | 'skip'

export type ResultList = ReadonlyMap<string, Outcome>

export interface Comparison {
  readonly worse: readonly string[]
  readonly missing: readonly string[]
  readonly better: readonly string[]
}

const words: Readonly<Record<Outcome, string>> = { pass: 'pass', fail: 'fail', skip: 'not-yet' }

/** A line that the test binary writes when a test ends. */
export function parseResult(line: string): { name: string; outcome: Outcome } {
  return JSON.parse(line) as { name: string; outcome: Outcome }
}

export function parseExpected(text: string): ResultList {
  const outcomes = new Map(Object.entries(words).map(([outcome, word]) => [word, outcome as Outcome]))
  const entries = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    entries.map((line) => {
      const [name = '', word = ''] = line.split(' ')
      const outcome = outcomes.get(word)
      if (!outcome) throw new Error(`"${line}" is no line of the expected results`)
      return [name, outcome]
    }),
  )
}

/** As `parseExpected` reads it. */
export function formatExpected(results: ResultList): string {
  const lines = [...results].map(([name, outcome]) => `${name} ${words[outcome]}\n`).sort()
  return `# Written by \`npm run conformance -- --accept\`: what the official suite says of each of its tests.\n${lines.join('')}`
}

export function compare(expected: ResultList, results: ResultList): Comparison {
  const rank: Readonly<Record<Outcome, number>> = { fail: 0, skip: 1, pass: 2 }
  const change = (name: string, outcome: Outcome): number => rank[outcome] - rank[expected.get(name) ?? 'skip']
  const found = [...results]
  return {
    worse: found.filter(([name, outcome]) => change(name, outcome) < 0).map(([name]) => name),
    missing: [...expected.keys()].filter((name) => !results.has(name)),
    better: found.filter(([name, outcome]) => change(name, outcome) > 0).map(([name]) => name),
  }
}
