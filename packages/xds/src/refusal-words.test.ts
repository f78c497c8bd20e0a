import { describe, expect, it } from '@jest/globals'
import { refusalWords } from './refusal-words.ts'

const printed = `goo.gle/debugonly   
name: "80/75"
virtual_hosts {
  routes {
    request_headers_to_add {
      header {
        key: "authorization"
        value: "Basic hunter2\\n: no"
      }
    }
  }
}
`
const reason = 'Proto constraint validation failed (Route.RequestHeadersToRemove[0]: too short)'

describe('refusalWords', () => {
  it.each([
    ['are those of the proxy', 'Error adding listener 80: in use\n', 'Error adding listener 80: in use'],
    ['leave out the resource', `${printed}: ${reason}`, reason],
    ['leave it out of their middle', `Not valid: ${printed}: ${reason}`, `Not valid: ${reason}`],
    ['leave it out where the reason is cut off', `Not valid: ${printed.slice(0, -20)}`, 'Not valid:'],
    ['are no more than a page', 'x'.repeat(5_000), 'x'.repeat(2_000)],
  ])('%s', (_, message, words) => {
    expect(refusalWords(message)).toBe(words)
  })
})
