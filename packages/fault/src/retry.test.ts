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

  it('stops waiting when the signal ends', async () => {
    const stop = new AbortController()
    const attempt = (): Promise<never> => Promise.reject(new Error('down'))
    const onFault = (): void => stop.abort(new Error('shutting down'))
    await expect(
      retry(attempt, { signal: stop.signal, minDelayMs: 60_000, maxDelayMs: 60_000, onFault }),
    ).rejects.toThrow('shutting down')
  })
})
