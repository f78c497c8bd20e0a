// Requests without a pause while something happens behind the proxy: none may fail.
import { setTimeout as delay } from 'node:timers/promises'
import { exchange, type HttpRequest } from '@penstock/testkit'

export interface Traffic extends AsyncDisposable {
  readonly asked: number
  /** Ends it. What was not answered with 200, one line each. */
  stop(): Promise<readonly string[]>
}

/** More than any test needs: what runs away ends by itself. */
const maxRequests = 5_000
const paceMs = 5

export function startTraffic(request: HttpRequest): Traffic {
  const failures: string[] = []
  let asked = 0
  let stopped = false
  const run = async (): Promise<void> => {
    for (; !stopped && asked < maxRequests; asked += 1) {
      const answer = await exchange(request).catch((error: unknown) => String(error))
      if (typeof answer === 'string') failures.push(answer)
      else if (answer.status !== 200) failures.push(`${answer.status} ${answer.body.slice(0, 200)}`)
      await delay(paceMs)
    }
  }
  const running = run()
  const stop: Traffic['stop'] = async () => {
    stopped = true
    await running
    return failures
  }
  return {
    get asked() {
      return asked
    },
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  }
}
