// CORS: whose preflight is answered, and with what.
import { describe, expect, it } from '@jest/globals'
import { applyCors } from './cors.ts'
import { createHeaderList } from './header-list.ts'
import type { Cors } from './policy-tables.ts'

const none: Cors = {
  allowCredentials: false,
  allowHeaders: [],
  allowMethods: [],
  allowOrigins: [],
  exposeHeaders: [],
  maxAge: undefined,
}
const any = { ...none, allowOrigins: ['*'] }
const allow = 'access-control-allow-origin'

/** What is answered, or what the answer from elsewhere gets; undefined: nothing of either. */
function outcome(cors: Partial<Cors>, method: string, headers: Readonly<Record<string, string>>) {
  const list = createHeaderList(Object.entries(headers))
  const request = { method, host: 'a.com', authority: 'a.com', scheme: 'http', target: '/', headers: list }
  const { answer, headers: later } = applyCors({ ...none, ...cors }, request)
  const told = Object.fromEntries(answer?.headers.entries() ?? later)
  return { answered: answer?.status, told }
}
const preflight = (origin: string) => ({
  origin,
  'access-control-request-method': 'PUT',
  'access-control-request-headers': 'x-a,x-b',
})

describe('origins', () => {
  it.each([
    ['https://a.com', 'https://a.com', true],
    ['https://a.com', 'https://a.com:443', true],
    ['https://a.com', 'http://a.com', false],
    ['https://a.com', 'https://a.com:8443', false],
    ['https://*.a.com', 'https://x.y.a.com', true],
    ['https://*.a.com', 'https://a.com', false],
    ['https://*', 'https://b.com', true],
    ['https://*', 'https://b.com:8443', false],
    ['*', 'null', true],
    ['https://a.com', 'null', false],
    ['https://a.com', 'https://axcom', false],
  ])('%s allows %s: %s', (allowed, origin, is) => {
    expect(allow in outcome({ allowOrigins: [allowed] }, 'GET', { origin }).told).toBe(is)
  })
})

describe('a request', () => {
  it('without an origin is none for CORS', () => {
    expect(outcome(any, 'OPTIONS', {})).toEqual({ answered: undefined, told: {} })
  })

  it('goes on, and its answer says what is allowed', () => {
    const cors = { ...any, allowCredentials: true, exposeHeaders: ['x-a', 'x-b'] }
    expect(outcome(cors, 'GET', { origin: 'http://a.com' })).toEqual({
      answered: undefined,
      told: {
        [allow]: 'http://a.com',
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'x-a,x-b',
      },
    })
  })

  it('before the request is answered here, with 200, also where nothing is allowed', () => {
    expect(outcome(none, 'OPTIONS', preflight('http://a.com'))).toEqual({ answered: 200, told: {} })
    const cors = {
      ...any,
      allowMethods: ['GET', 'PUT'],
      allowHeaders: ['x-a'],
      maxAge: { seconds: 5, nanos: 0 },
    }
    expect(outcome(cors, 'OPTIONS', preflight('http://a.com'))).toEqual({
      answered: 200,
      told: {
        [allow]: 'http://a.com',
        'access-control-allow-methods': 'GET,PUT',
        'access-control-allow-headers': 'x-a',
        'access-control-max-age': '5',
      },
    })
  })

  it('is told what it asked for where everything is allowed', () => {
    const cors = { ...any, allowMethods: ['*'], allowHeaders: ['*'] }
    expect(outcome(cors, 'OPTIONS', preflight('http://a.com')).told).toMatchObject({
      'access-control-allow-methods': 'PUT',
      'access-control-allow-headers': 'x-a, x-b',
    })
    const unasked = outcome(cors, 'OPTIONS', { origin: 'http://a.com', 'access-control-request-method': 'PUT' })
    expect(unasked.told).toHaveProperty('access-control-allow-headers', '*')
  })

  it('with OPTIONS that asks for no method is answered here too, if its origin is allowed', () => {
    expect(outcome(any, 'OPTIONS', { origin: 'http://a.com' }).answered).toBe(200)
    expect(outcome(none, 'OPTIONS', { origin: 'http://a.com' }).answered).toBeUndefined()
  })
})
