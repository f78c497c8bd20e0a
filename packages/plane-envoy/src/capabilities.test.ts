import { describe, expect, it } from '@jest/globals'
import { createBootstrap } from './bootstrap.ts'
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

  it('leave to users what a bootstrap says of limits and statistics alone', () => {
    const drain = { secret: 's', longestSeconds: 1 }
    const bootstrap = createBootstrap({
      fleet: 'f',
      node: 'n',
      xds: [],
      adminPort: 1,
      readyPort: 2,
      drain,
      listenAddress: 'a',
    })
    const own = envoyCapabilities.proxies.ownBootstrap
    expect(placesIn(bootstrap).filter((place) => !own.some((mine) => `${place}.`.startsWith(`${mine}.`)))).toEqual([
      'overload_manager.resource_monitors',
      'deferred_stat_options.enable_deferred_creation_stats',
    ])
  })
})

/** Of what is not merged any deeper. */
function placesIn(value: object): string[] {
  return Object.entries(value as Readonly<Record<string, unknown>>).flatMap(([name, below]) =>
    typeof below === 'object' && below !== null && !Array.isArray(below)
      ? placesIn(below).map((place) => `${name}.${place}`)
      : [name],
  )
}
