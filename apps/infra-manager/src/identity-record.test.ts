import { describe, expect, it } from '@jest/globals'
import { printOf, renewalMs } from './identity-record.ts'

describe('an identity', () => {
  it.each([
    ['two thirds of its life are over', 100_000, 300_000, 80_000],
    ['its life is over, which ends with its authority’s', 100_000, 100_900, 100_000],
    ['its life is over, when that was longer than its authority’s', 100_000, 50_000, 100_000],
  ])('is renewed when %s', (_, expiresMs, notAfterMs, atMs) => {
    expect(renewalMs(expiresMs, { notAfterMs }, 60_000)).toBe(atMs)
  })

  it('was made for the same, in whatever order it is told', () => {
    const print = printOf({ labels: { a: '1', b: '2' }, plane: 'envoy' })
    expect(printOf({ plane: 'envoy', labels: { b: '2', a: '1' } })).toBe(print)
    expect(printOf({ plane: 'envoy', labels: { b: '2', a: '2' } })).not.toBe(print)
    expect(printOf({ plane: 'envoy', labels: { b: '2' } })).not.toBe(print)
  })
})
