// Whether the corpus shows everything that the specification gives to our kinds: conditions and reasons, fields and their
// values, filters and matches, and a case for each official test. The list of what has none is printed.
import { describe, expect, it } from '@jest/globals'
import { coverageOf } from './coverage/coverage.ts'
import { caseNames } from './load-case.ts'

describe('coverage', () => {
  const { missing, needless, unknown } = coverageOf(caseNames())
  if (missing.length > 0)
    process.stdout.write(`no golden case shows:\n${missing.map((line) => `  ${line}\n`).join('')}`)

  it('has a case, or a reason why not, for everything', () => expect(missing).toEqual([]))
  it('has no exception for what a case shows', () => expect(needless).toEqual([]))
  it('shows no condition outside the vocabulary', () => expect(unknown).toEqual([]))
})
