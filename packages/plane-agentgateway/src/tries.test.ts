import { describe, expect, it } from '@jest/globals'
import type { HttpRule } from '@penstock/ir'
import { emitTries } from './tries.ts'

type Tries = Pick<HttpRule, 'timeouts' | 'retry'>
const seconds = (count: number, nanos = 0) => ({ seconds: BigInt(count), nanos })

describe('timeouts and retries', () => {
  it.each<[string, Partial<Tries>, object[]]>([
    ['are none unless asked for', {}, []],
    // Table "How Gateway API things are expressed", timeouts: zero is unset, and there is no default.
    ['that are switched off', { timeouts: { requestMs: 0, backendRequestMs: 0 } }, []],
    [
      'of both kinds',
      { timeouts: { requestMs: 1_500, backendRequestMs: 200 } },
      [
        {
          kind: {
            $case: 'timeout',
            value: { request: seconds(1, 500_000_000), backendRequest: seconds(0, 200_000_000) },
          },
        },
      ],
    ],
    [
      'with codes and a pause',
      { retry: { attempts: 3, codes: [500, 503], backoffMs: 100 } },
      [
        {
          kind: {
            $case: 'retry',
            value: { attempts: 3, retryStatusCodes: [500, 503], backoff: seconds(0, 100_000_000) },
          },
        },
      ],
    ],
    // Table "retry": attempts are stored in a byte.
    [
      'as many as a byte holds with the first try',
      { retry: { attempts: 1_000, codes: [] } },
      [{ kind: { $case: 'retry', value: { attempts: 254, retryStatusCodes: [] } } }],
    ],
  ])('%s', (_, tries, expected) => {
    expect(emitTries({ timeouts: undefined, retry: undefined, ...tries })).toEqual(expected)
  })
})
