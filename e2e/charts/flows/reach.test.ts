// The evaluator, at the corners of the definition of NetworkPolicies where one is easily wrong.
import { describe, expect, it } from '@jest/globals'
import { mayReach, type NetworkPolicy, type Peer, type Place, type Rule } from './reach.ts'

const pod = (name: string, namespace: string, address = '10.0.0.1'): Place => ({
  ...{ name, namespace, address, labels: { app: name } },
  ports: [{ name: 'web', containerPort: 8080 }],
})
const [server, near, far] = [pod('server', 'one'), pod('client', 'one'), pod('client', 'two', '10.0.9.1')]
const outside: Place = { name: 'outside', labels: {}, address: '192.0.2.7', ports: [] }

const policy = (spec: Partial<NetworkPolicy['spec']>): NetworkPolicy => ({
  metadata: { name: 'server', namespace: 'one' },
  spec: { podSelector: { matchLabels: { app: 'server' } }, ...spec },
})
const enters = (from: Place, rules: readonly Rule[] | undefined, port = 8080): boolean =>
  mayReach([policy(rules ? { ingress: rules } : {})], { from, to: server, port, protocol: 'TCP' })
const entersFrom = (from: Place, ...peers: readonly Peer[]): boolean => enters(from, [{ from: peers }])

describe('a NetworkPolicy', () => {
  it('governs what comes in where it says nothing, and what goes out where it has such rules', () => {
    const leaves = (spec: Partial<NetworkPolicy['spec']>): boolean =>
      mayReach([policy(spec)], { from: server, to: far, port: 1, protocol: 'UDP' })
    expect([enters(near, undefined), enters(near, []), enters(near, [{}])]).toEqual([false, false, true])
    expect([leaves({}), leaves({ egress: [] }), leaves({ policyTypes: ['Egress'] })]).toEqual([true, false, false])
    expect([leaves({ policyTypes: ['Ingress'], egress: [] })]).toEqual([true])
  })

  it('governs pods that it selects in its own namespace, and adds to others', () => {
    const elsewhere = { ...policy({}), metadata: { name: 'server', namespace: 'two' } }
    const asked = { from: near, to: server, port: 8080, protocol: 'TCP' } as const
    expect(mayReach([elsewhere, policy({ podSelector: { matchLabels: { app: 'other' } } })], asked)).toBe(true)
    expect(mayReach([policy({}), policy({ ingress: [{}] })], asked)).toBe(true)
    expect(mayReach([policy({ podSelector: {} })], asked)).toBe(false)
  })

  it('means pods of its own namespace, unless it says another; a namespace and a pod in one peer are both asked for', () => {
    const client = { matchLabels: { app: 'client' } }
    const two = { matchLabels: { 'kubernetes.io/metadata.name': 'two' } }
    expect([entersFrom(near, { podSelector: client }), entersFrom(far, { podSelector: client })]).toEqual([true, false])
    expect([entersFrom(near, { namespaceSelector: two }), entersFrom(far, { namespaceSelector: two })]).toEqual([
      ...[false, true],
    ])
    const other = { matchLabels: { app: 'other' } }
    expect(entersFrom(far, { namespaceSelector: two, podSelector: other })).toBe(false)
    expect(entersFrom(far, { namespaceSelector: two }, { podSelector: other })).toBe(true)
    expect([entersFrom(far, { namespaceSelector: {} }), entersFrom(outside, { namespaceSelector: {} })]).toEqual([
      ...[true, false],
    ])
  })

  it('knows blocks of addresses with holes', () => {
    const ipBlock = { cidr: '192.0.2.0/24', except: ['192.0.2.128/25'] }
    const beyond = { ...outside, address: '192.0.2.200' }
    expect([entersFrom(outside, { ipBlock }), entersFrom(beyond, { ipBlock }), entersFrom(near, { ipBlock })]).toEqual([
      ...[true, false, false],
    ])
  })

  it('means the port of the pod: by number, by name, from one to another, of TCP where nothing is said', () => {
    const at = (...ports: NonNullable<Rule['ports']>): boolean => enters(near, [{ ports }])
    expect([at({ port: 8080 }), at({ port: 'web' }), at({ port: 8000, endPort: 8090 }), at({})]).not.toContain(false)
    expect([at({ port: 80 }), at({ port: 'admin' }), at({ port: 8080, protocol: 'UDP' })]).not.toContain(true)
  })

  it('selects by expressions', () => {
    const by = (operator: string, ...values: string[]): boolean =>
      entersFrom(near, { podSelector: { matchExpressions: [{ key: 'app', operator, values }] } })
    expect([by('In', 'client'), by('NotIn', 'server'), by('Exists')]).not.toContain(false)
    expect([by('In', 'server'), by('NotIn', 'client'), by('DoesNotExist')]).not.toContain(true)
  })
})
