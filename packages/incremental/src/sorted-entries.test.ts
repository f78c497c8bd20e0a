import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createSortedEntries } from './sorted-entries.ts'

it('answers what sorting everything would answer, and never changes an answer that it gave', () => {
  const step = fc.oneof(fc.constant('read' as const), fc.tuple(fc.string({ maxLength: 1 }), fc.option(fc.nat())))
  const play = (steps: readonly ('read' | [string, number | null])[]): void => {
    const model = new Map<string, number>()
    const entries = createSortedEntries(() => [...model].map(([key, value]) => ({ key, value })))
    const answers: [unknown, string][] = []
    for (const next of [...steps, 'read' as const]) {
      if (next === 'read') {
        const answer = entries.read()
        const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => ({ key, value }))
        expect(answer).toEqual(sorted)
        expect(entries.read()).toBe(answer)
        answers.push([answer, JSON.stringify(answer)])
      } else {
        const [key, value] = next
        if (value === null) model.delete(key)
        else model.set(key, value)
        entries.put(key, value ?? undefined)
      }
    }
    for (const [answer, text] of answers) expect(JSON.stringify(answer)).toBe(text)
  }
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), play), { numRuns: 300 })
})
