import { describe, expect, it } from '@jest/globals'
import { allowsNamespace, supportedKinds } from './allowed-routes.ts'

describe('allowsNamespace', () => {
  const home = { name: 'infra', labels: { expose: 'no' } }
  const exposed = { name: 'web', labels: { expose: 'yes' } }
  const bare = { name: 'db' }
  const selector = { matchLabels: { expose: 'yes' } }
  const expression = { matchExpressions: [{ key: 'expose', operator: 'Exists' }] }
  it.each([
    ['Same by default', undefined, { infra: true, web: false, db: false }],
    ['Same when only a selector stands there', { selector }, { infra: true, web: false, db: false }],
    ['Same', { from: 'Same' }, { infra: true, web: false, db: false }],
    ['All', { from: 'All' }, { infra: true, web: true, db: true }],
    ['None', { from: 'None' }, { infra: false, web: false, db: false }],
    ['Selector by label', { from: 'Selector', selector }, { infra: false, web: true, db: false }],
    ['Selector by expression', { from: 'Selector', selector: expression }, { infra: true, web: true, db: false }],
    ['Selector that is empty', { from: 'Selector', selector: {} }, { infra: true, web: true, db: true }],
    ['Selector without a selector', { from: 'Selector' }, { infra: false, web: false, db: false }],
  ])('%s', (_, rule, expected) => {
    const allowed = [home, exposed, bare].map((candidate) => [
      candidate.name,
      allowsNamespace(rule, 'infra', candidate),
    ])
    expect(Object.fromEntries(allowed)).toEqual(expected)
  })
})

describe('supportedKinds', () => {
  const implemented = new Set(['HTTPRoute', 'TLSRoute'])
  const group = 'gateway.networking.k8s.io'
  const http = { group, kind: 'HTTPRoute' }
  const tls = { group, kind: 'TLSRoute' }
  const tcp = { group, kind: 'TCPRoute' }
  const foreign = { group: 'example.com', kind: 'HTTPRoute' }
  it.each([
    ['HTTP', [], [http], []],
    ['HTTPS', [], [http], []],
    ['TLS', [], [tls], []],
    ['TCP', [], [], []],
    ['example.com/x', [], [], []],
    ['HTTP', [http], [http], []],
    ['HTTP', [{ kind: 'HTTPRoute' }, http], [http], []],
    ['HTTP', [http, tls], [http], [tls]],
    ['HTTP', [foreign], [], [foreign]],
    ['TCP', [tcp], [], [tcp]],
  ])('%s asking for %j', (protocol, asked, kinds, invalid) => {
    expect(supportedKinds({ protocol, allowedRoutes: { kinds: asked } }, implemented)).toEqual({ kinds, invalid })
  })

  it('reads a listener without allowedRoutes', () => {
    expect(supportedKinds({ protocol: 'HTTP' }, implemented)).toEqual({ kinds: [http], invalid: [] })
  })
})
