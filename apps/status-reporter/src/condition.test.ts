import { describe, expect, it } from '@jest/globals'
import { routeProgrammed, type StatusCondition, shownConditions } from './condition.ts'
import type { Verdict } from './programmed.ts'

const earlier = '2026-01-01T00:00:00Z'
const now = '2026-02-02T00:00:00Z'
const handedOut = { type: 'Programmed', status: true, reason: 'Programmed', message: 'Handed out.' }
const undecided: Verdict = { status: 'undecided', message: '1 of 2 proxies acknowledged generation 3.' }
const live: Verdict = { status: 'True', reason: 'Programmed', message: '2 of 2 proxies acknowledged generation 3.' }
const old = (status: StatusCondition['status'], type = 'Programmed'): StatusCondition => ({
  type,
  status,
  observedGeneration: 2,
  lastTransitionTime: earlier,
  reason: 'Old',
  message: 'Old.',
})

const show = (before: StatusCondition[], verdict: Verdict, condition = handedOut) =>
  shownConditions([condition], before, { generation: 3, verdict, now })[0]

describe('a condition that joins what proxies said', () => {
  it.each([
    ['nothing was said and nobody decided', [], undecided, 'Unknown', now],
    ['False was said and nobody decided', [old('False')], undecided, 'Unknown', now],
    ['True was said: lost contact does not flip it', [old('True')], undecided, 'True', earlier],
    ['True was said and stays true', [old('True')], live, 'True', earlier],
    ['Unknown becomes True', [old('Unknown')], live, 'True', now],
  ] as const)('%s', (_, before, verdict, status, lastTransitionTime) => {
    expect(show([...before], verdict)).toMatchObject({ status, lastTransitionTime })
  })

  it('claims the new generation only when it is decided', () => {
    expect(show([old('True')], undecided)).toMatchObject({ observedGeneration: 2, message: undecided.message })
    expect(show([old('True')], live)).toMatchObject({ observedGeneration: 3 })
  })

  it('is Unknown of the new generation too, which claims nothing', () => {
    const pending = { status: 'Unknown', observedGeneration: 3, lastTransitionTime: earlier, reason: 'Pending' }
    expect(show([old('Unknown')], undecided)).toMatchObject(pending)
  })

  it('writes no numbers into a route', () => {
    const route = { ...handedOut, type: routeProgrammed }
    expect(show([], live, route)?.message).not.toMatch(/\d/)
    expect(show([], undecided, route)?.message).not.toMatch(/\d/)
    expect(show([old('True', routeProgrammed)], undecided, route)).toEqual(old('True', routeProgrammed))
  })
})

describe('any other condition', () => {
  it.each([
    [true, 'True', 'False', now],
    [true, 'True', 'True', earlier],
    [false, 'False', 'False', earlier],
  ] as const)('status %s is %s; after %s it changed at %s', (status, shown, before, lastTransitionTime) => {
    const condition = { type: 'Accepted', status, reason: 'R', message: 'M' }
    const expected = { status: shown, lastTransitionTime, observedGeneration: 3, reason: 'R' }
    expect(show([old(before, 'Accepted')], undecided, condition)).toMatchObject(expected)
  })
})
