import { describe, expect, it } from '@jest/globals'
import { Fault } from './fault.ts'
import { retry } from './retry.ts'

describe('retry', () => {
  it('tries again until it succeeds, and tells of each failure', async () => {
    const told: string[] = []
    let attempts = 0
    const attempt = async (): Promise<string> => {
      attempts += 1
      if (attempts < 3) throw new Fault('bus_unreachable', `attempt ${attempts}`)
      return 'there'
    }
    const options = { signal: new AbortController().signal, minDelayMs: 1, onFault: (f: Fault) => told.push(f.message) }
    expect(await retry(attempt, options)).toBe('there')
    expect(told).toEqual(['attempt 1', 'attempt 2'])
  })

  it('gives up at once on a fault that no further try can cure', async () => {
    const attempt = (): Promise<never> => Promise.reject(new Fault('bus_too_old', '2.9'))
    await expect(retry(attempt, { signal: new AbortController().signal })).rejects.toMatchObject({
      code: 'bus_too_old',
    })
  })

  it('waits as long as the other side asks', async () => {
    const delays: number[] = []
    let attempts = 0
    const attempt = async (): Promise<void> => {
      attempts += 1
      if (attempts === 1) throw new Fault('kube_busy', 'later', { retryAfterMs: 20 })
    }
    const onFault = (_: Fault, delayMs: number): void => void delays.push(delayMs)
    await retry(attempt, { signal: new AbortController().signal, minDelayMs: 1, onFault })
    expect(delays[0]).toBeGreaterThanOrEqual(20)
  })

  it('counts from the first failure again after progress', async () => {
    const delays: number[] = []
    let attempts = 0
    const attempt = async (progress: () => void): Promise<void> => {
      attempts += 1
      if (attempts === 6) return
      if (attempts > 3) progress()
      throw new Error('cut')
    }
    const onFault = (_: Fault, delayMs: number): void => void delays.push(delayMs)
    await retry(attempt, { signal: new AbortController().signal, minDelayMs: 1, onFault })
    expect(delays.map((ms) => ms >= 2)).toEqual([false, false, true, false, false])
  })

  it('stops waiting when the signal ends', async () => {
    const stop = new AbortController()
    const attempt = (): Promise<never> => Promise.reject(new Error('down'))
    const onFault = (): void => stop.abort(new Error('shutting down'))
    await expect(
      retry(attempt, { signal: stop.signal, minDelayMs: 60_000, maxDelayMs: 60_000, onFault }),
    ).rejects.toThrow('shutting down')
  })
  it('tells of no failure that the signal brought about', async () => {
    const stop = new AbortController()
    const told: Fault[] = []
    const attempt = (): Promise<never> => {
      stop.abort(new Error('shutting down'))
      return Promise.reject(new Error('aborted'))
    }
    const onFault = (fault: Fault): void => void told.push(fault)
    await expect(retry(attempt, { signal: stop.signal, onFault })).rejects.toThrow('shutting down')
    expect(told).toEqual([])
  })
})
