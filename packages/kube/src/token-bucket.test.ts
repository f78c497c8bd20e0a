import { describe, expect, it } from '@jest/globals'
import { createTokenBucket } from './token-bucket.ts'

describe('a token bucket', () => {
  const { signal } = new AbortController()

  it('gives the burst at once and the rest at its rate', async () => {
    const startMs = performance.now()
    // It would never fill again.
    const full = createTokenBucket(0.001, 3)
    for (let taken = 0; taken < 3; taken += 1) await full.take(signal)
    const bucket = createTokenBucket(100, 3)
    for (let taken = 0; taken < 8; taken += 1) await bucket.take(signal)
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
