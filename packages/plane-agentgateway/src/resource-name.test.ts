import { describe, expect, it } from '@jest/globals'
import type { Attachment, HttpRule } from '@penstock/ir'
import {
  bindKey,
  listenerKey,
  routeKey,
  serviceName,
  serviceOf,
  serviceOfAddress,
  tlsPolicyKey,
  workloadUid,
} from './resource-name.ts'

const attachment = (listener: string, port = 80): Attachment => ({ fleet: 'default~gw', port, listener, hostnames: [] })
const gateway = attachment('listener/default/gw/Gateway/default/gw/http')

function rule(precedence: string, kind = 'HTTPRoute'): HttpRule {
  const source = { group: '', kind, namespace: 'default', name: 'web', uid: '', generation: 1 }
  const nothing = { attachments: [], matches: [], filters: [], backends: [], timeouts: undefined, retry: undefined }
  return { source, rule: '#0', precedence, ...nothing }
}

const web = serviceName(serviceOf({ namespace: 'default', name: 'web' }))

describe('keys', () => {
  it.each([
    ['a bind', bindKey('default~gw', 80), '80/default~gw'],
    ['a listener', listenerKey(gateway), 'default/gw/http/80'],
    [
      'a listener of a ListenerSet',
      listenerKey(attachment('listener/default/gw/ListenerSet/team/more/http', 81)),
      'default/gw/team/more/http/81',
    ],
    [
      'a route',
      routeKey(rule('2026-01-01T00:00:00Z default/web 0000'), gateway),
      '2026-01-01T00:00:00Z default/web 0000/HTTPRoute/default/gw/http/80',
    ],
    ['a policy', tlsPolicyKey({ namespace: 'default', name: 'web', port: 443 }), 'default/web/443/tls'],
    // Table "Names and keys": Service hostname.
    ['a service', web, 'default/web.default.svc.cluster.local'],
  ])('of %s', (_, key, expected) => {
    expect(key).toBe(expected)
  })

  it.each([
    [workloadUid({ namespace: 'default', service: 'web', address: '2001:db8::1' }), web],
    [web, undefined],
    ['Kubernetes//Pod/default/gw-1', undefined],
  ])('of %s: the service that it is one of', (name, service) => {
    expect(serviceOfAddress(name)).toBe(service)
  })

  it.each([
    ['the older route', '2025-01-01T00:00:00Z z/z 0009', '2026-01-01T00:00:00Z a/a 0000'],
    ['the first by namespace and name', '2026-01-01T00:00:00Z default/a 0009', '2026-01-01T00:00:00Z default/b 0000'],
    ['a name before what it begins', '2026-01-01T00:00:00Z default/a 0009', '2026-01-01T00:00:00Z default/a-b 0000'],
    ['the first rule', '2026-01-01T00:00:00Z default/a 0002', '2026-01-01T00:00:00Z default/a 0010'],
  ])('sort first: %s', (_, first, second) => {
    const [one, other] = [routeKey(rule(first), gateway), routeKey(rule(second), gateway)]
    expect([other, one].sort()).toEqual([one, other])
  })

  it('of routes of two kinds with the same name differ', () => {
    expect(routeKey(rule('p', 'HTTPRoute'), gateway)).not.toBe(routeKey(rule('p', 'GRPCRoute'), gateway))
  })
})
