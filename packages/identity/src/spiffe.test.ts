import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { fleetIdentity, fleetOfIdentity } from './index.ts'

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
/** What Kubernetes takes as the name of an object. */
const objectName = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.').slice(0, 253))
const gatewayName = objectName.filter((name) => /[a-z0-9]$/.test(name))
const fleetName = fc.oneof(
  fc.tuple(label, gatewayName).map((parts) => parts.join('~')),
  fc.stringMatching(/^[A-Za-z0-9][-_.A-Za-z0-9]{0,60}$/),
)

describe('the identity of a fleet', () => {
  it.each([
    ['default~gw', 'spiffe://local.penstock.dev/fleet/default/gw'],
    ['default~www.example.com', 'spiffe://local.penstock.dev/fleet/default/www.example.com'],
    ['local-agentgateway', 'spiffe://local.penstock.dev/fleet/local-agentgateway'],
  ])('%s is %s', (fleet, uri) => {
    expect(fleetIdentity('local', fleet)).toBe(uri)
    expect(fleetOfIdentity(uri)).toEqual({ install: 'local', fleet })
  })

  it('goes both ways for every legal name, and no two fleets share one', () => {
    const named = fc.record({ install: label, fleet: fleetName })
    fc.assert(
      fc.property(named, named, (one, other) => {
        const [uri, otherUri] = [one, other].map(({ install, fleet }) => fleetIdentity(install, fleet))
        expect(fleetOfIdentity(uri ?? '')).toEqual(one)
        expect(uri === otherUri).toBe(one.install === other.install && one.fleet === other.fleet)
      }),
    )
  })

  it('is written as it is read: a text that names a fleet is the one that the fleet has', () => {
    const almost = fc.stringMatching(/^spiffe:\/\/[a-z.]{0,8}(\.penstock\.dev)?\/fleet(\/[-%~.a-z]{0,3}){0,3}$/)
    fc.assert(
      fc.property(fc.oneof(almost, fc.string()), (uri) => {
        const named = fleetOfIdentity(uri)
        if (named) expect(fleetIdentity(named.install, named.fleet)).toBe(uri)
      }),
    )
  })

  it.each(['', '~', 'a~', '~a', 'a~b~c', '.', 'a~..', 'a/b', 'a~b/c', 'a b', 'ä', 'a%2fb'])('none is "%s"', (fleet) => {
    expect(() => fleetIdentity('local', fleet)).toThrow('cannot be the name of a fleet')
  })

  it.each(['', 'Local', 'a.b', '-a', 'a/b'])('no installation is "%s"', (install) => {
    expect(() => fleetIdentity(install, 'a~b')).toThrow('cannot be the name of an installation')
  })

  it.each([
    'spiffe://local.penstock.dev/fleet/',
    'spiffe://local.penstock.dev/fleet/a/b/c',
    'spiffe://local.penstock.dev/fleet/a/',
    'spiffe://local.penstock.dev/fleet/a/..',
    'spiffe://local.penstock.dev/Fleet/a/b',
    'spiffe://local.penstock.dev.evil.test/fleet/a/b',
    'spiffe://.penstock.dev/fleet/a/b',
    'spiffe://penstock.dev/fleet/a/b',
    'spiffe://me@local.penstock.dev/fleet/a/b',
    'spiffe://local.penstock.dev:1/fleet/a/b',
    'spiffe://local.penstock.dev/fleet/a/b?c',
    'spiffe://local.penstock.dev/fleet/a~b',
    ' spiffe://local.penstock.dev/fleet/a/b',
    'spiffe://local.penstock.dev/fleet/a/b\n',
    'https://local.penstock.dev/fleet/a/b',
  ])('is not "%s"', (uri) => expect(fleetOfIdentity(uri)).toBeUndefined())
})
