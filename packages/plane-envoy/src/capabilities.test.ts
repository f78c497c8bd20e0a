import { describe, expect, it } from '@jest/globals'
import { envoyCapabilities } from './capabilities.ts'

describe('capabilities', () => {
  it('are what the tables have an emitter for', () => {
    expect([...envoyCapabilities.filters].sort()).toEqual([
      'answer',
      'cors',
      'mirror',
      'redirect',
      'requestHeaders',
      'responseHeaders',
      'session',
      'urlRewrite',
    ])
    expect([...envoyCapabilities.backendFilters].sort()).toEqual([
      'answer',
      'mirror',
      'requestHeaders',
      'responseHeaders',
      'urlRewrite',
    ])
    expect([...envoyCapabilities.listeners].sort()).toEqual(['http', 'https'])
    expect([...envoyCapabilities.backendProtocols].sort()).toEqual([0, 1])
  })
})
