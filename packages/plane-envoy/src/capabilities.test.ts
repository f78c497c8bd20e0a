import { describe, expect, it } from '@jest/globals'
import { envoyCapabilities } from './capabilities.ts'

describe('capabilities', () => {
  it('are what the tables have an emitter for', () => {
    expect([...envoyCapabilities.filters].sort()).toEqual([
      'answer',
      'redirect',
      'requestHeaders',
      'responseHeaders',
      'urlRewrite',
    ])
    expect([...envoyCapabilities.backendFilters].sort()).toEqual(['answer', 'requestHeaders', 'responseHeaders'])
    expect([...envoyCapabilities.listeners].sort()).toEqual(['http', 'https'])
    expect([...envoyCapabilities.backendProtocols].sort()).toEqual([0, 1])
  })
})
