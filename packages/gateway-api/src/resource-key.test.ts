import { describe, expect, it } from '@jest/globals'
import { parseObjectKey, resourceKey } from './resource-key.ts'

const route = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { namespace: 'a', name: 'web' },
}

describe('resourceKey', () => {
  it.each([
    ['a namespaced object of a group', route, 'gateway.networking.k8s.io/HTTPRoute/a/web'],
    ['the core group', { ...route, apiVersion: 'v1', kind: 'Service' }, '/Service/a/web'],
    [
      'a cluster-scoped object',
      { ...route, kind: 'GatewayClass', metadata: { name: 'x' } },
      'gateway.networking.k8s.io/GatewayClass//x',
    ],
    ['a cluster-scoped core object', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } }, '/Namespace//a'],
  ])('names %s', (_, object, key) => {
    expect(resourceKey(object)).toBe(key)
    const { group, kind, namespace, name } = parseObjectKey(key)
    expect([group, kind, namespace, name].join('/')).toBe(key)
  })

  it.each(['', 'HTTPRoute', '/Service/a', '/Service/a/', '//a/web', '/Service/a/web/more'])('refuses %j', (text) => {
    expect(() => parseObjectKey(text)).toThrow('not the key of an object')
  })
})
