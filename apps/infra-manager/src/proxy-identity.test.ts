// Proxies with an identity: what they are started with, and when that starts them anew.
import { describe, expect, it } from '@jest/globals'
import { infra, withParameters } from './fleet.test-data.ts'
import type { IdentityParts } from './proxy-container.ts'
import { proxyContainer } from './proxy-container.ts'
import { proxyObjects } from './proxy-objects.ts'

const config = {
  ...{ xdsAddress: 'xds.example:18000', envoyImage: 'envoy:1' },
  ...{ agentgatewayXdsAddress: 'agw.example:18100', agentgatewayImage: 'agentgateway:1' },
}
const issuer: IdentityParts = { caPem: 'one', drainKey: 'one' }

function objectsOf(plane: string, identity: IdentityParts | undefined) {
  const wanted = { ...withParameters({}, { plane }), source: infra.source }
  const proxy = proxyContainer(wanted, { ...config, ...(identity && { identity }) })
  const objects = proxyObjects(wanted, { install: 'test', proxy })
  const body = (kind: string) => objects.find((object) => object.kind.kind === kind)?.body
  return { files: body('ConfigMap')?.['data'] as Record<string, string>, template: JSON.stringify(body('Deployment')) }
}

describe('an Envoy', () => {
  it('is spoken to over TLS by the name of its server, with files that it reads again', () => {
    const { files, template } = objectsOf('envoy', issuer)
    expect(files['envoy.json']).toContain('"sni":"xds.example"')
    expect(files['xds-certificate.json']).toContain('/etc/penstock-identity/tls.key')
    expect(files['xds-trust.json']).toContain('/etc/penstock-identity/ca.crt')
    expect(template).toContain('{"name":"identity","mountPath":"/etc/penstock-identity","readOnly":true}')
    expect(template).toContain('"fsGroup":65532')
  })

  it('goes on when its authority has another certificate, and is asked to drain at another path with another key', () => {
    const before = objectsOf('envoy', issuer).template
    expect(objectsOf('envoy', { ...issuer, caPem: 'two' }).template).toBe(before)
    expect(objectsOf('envoy', { ...issuer, drainKey: 'two' }).template).not.toBe(before)
  })
})

describe('an agentgateway', () => {
  it('has a token, and knows its server by its authority', () => {
    const { files, template } = objectsOf('agentgateway', issuer)
    expect(files['ca.crt']).toBe('one')
    for (const [name, value] of [
      ['XDS_ADDRESS', 'https://agw.example:18100'],
      ['XDS_ROOT_CA', '/etc/penstock/ca.crt'],
      ['XDS_AUTH_TOKEN', '/etc/penstock-identity/token'],
    ]) {
      expect(template).toContain(JSON.stringify({ name, value }))
    }
  })

  it('starts anew for another authority, which it reads only once', () => {
    const before = objectsOf('agentgateway', issuer).template
    expect(objectsOf('agentgateway', { ...issuer, drainKey: 'two' }).template).toBe(before)
    expect(objectsOf('agentgateway', { ...issuer, caPem: 'two' }).template).not.toBe(before)
  })
})

it.each(['envoy', 'agentgateway'])('without an authority %s has no identity', (plane) => {
  const { files, template } = objectsOf(plane, undefined)
  expect(JSON.stringify(files) + template).not.toMatch(/identity|https:|sni/)
})
