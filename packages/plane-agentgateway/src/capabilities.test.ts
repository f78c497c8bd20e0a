import { describe, expect, it } from '@jest/globals'
import { agentgatewayCapabilities } from './capabilities.ts'

describe('capabilities', () => {
  it('are what the tables have an emitter for', () => {
    expect([...agentgatewayCapabilities.filters].sort()).toEqual([
      'answer',
      'cors',
      'mirror',
      'redirect',
      'requestHeaders',
      'responseHeaders',
      'urlRewrite',
    ])
    expect([...agentgatewayCapabilities.backendFilters].sort()).toEqual([
      'answer',
      'mirror',
      'requestHeaders',
      'responseHeaders',
    ])
    expect([...agentgatewayCapabilities.listeners].sort()).toEqual(['http', 'https'])
    expect([...agentgatewayCapabilities.backendProtocols].sort()).toEqual([0, 1])
  })
})
