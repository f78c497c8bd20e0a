import { describe, expect, it } from '@jest/globals'
import { backendsNamedBy, type HttpRule } from '@penstock/ir'
import { asClient, parseClusterName } from './backend-tls.ts'

const backend = (name: string): string => `backend/Service/default/${name}/80/`
const mirrorTo = (name: string) => ({
  filter: { $case: 'mirror' as const, value: { backend: backend(name), numerator: 1, denominator: 1 } },
})
const rule = {
  filters: [mirrorTo('copy')],
  backends: [
    { weight: 1, filters: [mirrorTo('own-copy')], target: { $case: 'backend', value: backend('web') } },
    { weight: 1, filters: [], target: { $case: 'answer', value: 500 } },
  ],
} as unknown as HttpRule
const listener = 'listener/default/gw/ListenerSet/other/set/https'

describe('a rule', () => {
  it('names the clusters of its gateway, mirrors included, where that shows a certificate', () => {
    const named = backendsNamedBy(asClient(rule, listener, (gateway) => gateway === 'gateway/default/gw'))
    expect(named.map(parseClusterName)).toEqual(
      backendsNamedBy(rule).map((key) => ({ backend: key, client: 'gateway/default/gw' })),
    )
  })

  it('is as it was where its gateway shows none', () => {
    expect(asClient(rule, listener, () => false)).toBe(rule)
    expect(parseClusterName(backend('web'))).toEqual({ backend: backend('web'), client: undefined })
  })
})
