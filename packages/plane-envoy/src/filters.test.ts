import { describe, expect, it } from '@jest/globals'
import type { HttpFilter } from '@penstock/ir'
import { applyFilters, backendFilters, ruleFilters } from './filters.ts'

const redirect = { scheme: 'https', hostname: '', port: 0, status: 301 }

describe('filters', () => {
  it('that the plane lacks answer 500 rather than be skipped', () => {
    const { end } = applyFilters([{ filter: { $case: 'redirect', value: redirect } }], backendFilters)
    expect(end).toEqual({ answer: 500 })
  })

  it('of a newer schema hold the rule at its last good state', () => {
    expect(() => applyFilters([{}], ruleFilters)).toThrow('newer schema')
  })

  it.each<[string, HttpFilter[], unknown]>([
    ['an answer first', [answer(501), { filter: { $case: 'redirect', value: redirect } }], { answer: 501 }],
    ['a redirect first', [{ filter: { $case: 'redirect', value: redirect } }, answer(501)], { redirect }],
  ])('that end a request count in order: %s', (_, filters, expected) => {
    expect(applyFilters(filters, ruleFilters).end).toEqual(expected)
  })
})

function answer(value: number): HttpFilter {
  return { filter: { $case: 'answer', value } }
}
