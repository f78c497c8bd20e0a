import { describe, expect, it } from '@jest/globals'
import { createTokenBucket } from './token-bucket.ts'

describe('a token bucket', () => {
  const { signal } = new AbortController()

  it('gives the burst at once and the rest at its rate', async () => {
    const bucket = createTokenBucket(100, 3)
    const startMs = performance.now()
    for (let taken = 0; taken < 3; taken += 1) await bucket.take(signal)
    expect(performance.now() - startMs).toBeLessThan(10)
    for (let taken = 0; taken < 5; taken += 1) await bucket.take(signal)
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(48)
  })

  it('lets go of who is not waiting any more', async () => {
    const bucket = createTokenBucket(0.001, 1)
    await bucket.take(signal)
    const impatient = new AbortController()
    const taking = bucket.take(impatient.signal)
    impatient.abort(new Error('enough'))
    await expect(taking).rejects.toThrow('enough')
  })
})
