import { describe, expect, it } from '@jest/globals'
import { translateCors } from './cors.ts'

describe('CORS', () => {
  it('allows nothing that is not said', () => {
    expect(translateCors({ maxAge: 5 })).toEqual({
      allowOrigins: [],
      allowMethods: [],
      allowHeaders: [],
      exposeHeaders: [],
      maxAgeSeconds: 5,
      allowCredentials: false,
    })
  })

  it('compares origins in lower case', () => {
    const { allowOrigins } = translateCors({ allowOrigins: ['https://*.Foo.com:8443'], maxAge: 5 })
    expect(allowOrigins).toEqual(['https://*.foo.com:8443'])
  })

  it.each([
    [false, ['*', 'x-a'], ['*']],
    [true, ['*', 'x-a'], ['x-a']],
    [true, ['*'], []],
    [true, ['x-a', 'x-b'], ['x-a', 'x-b']],
  ])('with credentials %s exposes %j as %j', (allowCredentials, exposeHeaders, expected) => {
    expect(translateCors({ allowCredentials, exposeHeaders, maxAge: 5 }).exposeHeaders).toEqual(expected)
  })
})
