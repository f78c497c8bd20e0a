import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decodeKey, encodeKey } from './key.ts'

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
const kubernetesName = fc.array(label, { minLength: 1, maxLength: 8 }).map((labels) => labels.join('.').slice(0, 253))
const anything = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) })
const token = fc.oneof(
  kubernetesName,
  anything,
  fc.constantFrom('', '_', '__', '=', '~', '.', '=23', '*', '>', '$commit'),
)
const key = fc.array(token, { minLength: 1, maxLength: 6 }).map((tokens) => tokens.join('/'))

describe('encodeKey', () => {
  it.each([
    ['gateway.networking.k8s.io/HTTPRoute/default/web', 'gateway~networking~k8s~io.HTTPRoute.default.web'],
    ['/Service/default/web', '_.Service.default.web'],
    ['gateway.networking.k8s.io/GatewayClass//penstock', 'gateway~networking~k8s~io.GatewayClass._.penstock'],
    ['http_rule/HTTPRoute/default/web/#0', 'http_rule.HTTPRoute.default.web.=230'],
    ['default~edge/pod-1', 'default=7Eedge.pod-1'],
    ['_/*/>/€', '=5F.=2A.=3E.=u20AC'],
  ])('writes %s as %s', (text, subject) => {
    expect(encodeKey(text)).toBe(subject)
  })

  it('gives every key tokens that NATS takes as they are', () => {
    fc.assert(fc.property(key, (text) => /^[A-Za-z0-9_=~-]+(\.[A-Za-z0-9_=~-]+)*$/.test(encodeKey(text))))
  })

  it('gives a key as many tokens as it has', () => {
    fc.assert(fc.property(key, (text) => encodeKey(text).split('.').length === text.split('/').length))
  })

  it('can be undone', () => {
    fc.assert(fc.property(key, (text) => decodeKey(encodeKey(text)) === text))
  })

  it('leaves names of 253 characters under the limit of a subject', () => {
    expect(encodeKey(`g/k/${'n.'.repeat(126)}n/${'m'.repeat(253)}`)).toHaveLength(511)
  })
})

describe('decodeKey', () => {
  it.each(['$commit', '', 'a..b', '=2a', '=', 'a.=u0041', '=41', 'a b', '_=5F.=5'])(
    'knows that no key gives %p',
    (tokens) => {
      expect(decodeKey(tokens)).toBeUndefined()
    },
  )

  it('takes no two texts for one key', () => {
    const subject = fc.string({ unit: fc.constantFrom('a', '_', '=', '~', '.', '2', '3', 'E', '7', 'u', '$') })
    fc.assert(
      fc.property(subject, (tokens) => {
        const decoded = decodeKey(tokens)
        return decoded === undefined || encodeKey(decoded) === tokens
      }),
    )
  })
})
