import { describe, expect, it } from '@jest/globals'
import type { Resource } from '@penstock/gateway-api'
import { createAdmission } from '@penstock/gateway-api/admission'
import { emptyManifest, isComplete, type ManifestLimits, readManifest } from './manifest.ts'

const admission = createAdmission()
const limits = { maxAliases: 100, maxDocuments: 3, maxObjectBytes: 2_000 }
const read = (text: string, options: { limits?: Partial<ManifestLimits>; old?: Resource; before?: string } = {}) => {
  const reader = { admission, limits: { ...limits, ...options.limits }, lastGood: () => options.old }
  const before = options.before === undefined ? emptyManifest : readManifest(options.before, emptyManifest, reader)
  return { before, ...readManifest(text, before, reader) }
}

const gatewayClass = (controllerName: string): string => `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata:
  name: penstock
  uid: of-a-cluster
  resourceVersion: "7"
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: "{}"
spec:
  controllerName: ${controllerName}
status:
  conditions: []
`
const configMap = (name: string): string => `---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`

describe('an admitted document', () => {
  it('has a uid of its name, and nothing of a server', () => {
    const [entry] = read(gatewayClass('example.com/c')).entries
    expect(entry?.object).toEqual({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: {
        name: 'penstock',
        uid: '16a21f53-3b8d-5524-8d45-c11e17f37318',
        generation: 1,
        creationTimestamp: '1970-01-01T00:00:00Z',
      },
      spec: { controllerName: 'example.com/c' },
    })
  })

  it('is not judged again while its text stays, wherever it moves', () => {
    const { before, entries } = read(`# moved\n\n${configMap('a')}${configMap('b')}`, { before: configMap('a') })
    expect(entries[0]?.object).toBe(before.entries[0]?.object)
    expect(entries.map(({ line, identity }) => [line, identity?.name])).toEqual([
      [4, 'a'],
      [8, 'b'],
    ])
  })
})

describe('a refused document', () => {
  const [old] = read(gatewayClass('example.com/c')).entries
  it.each([
    ['an unknown field', `${configMap('a')}datum: {}\n`, 5, 'unknown field'],
    ['a rule about changes', gatewayClass('example.com/other'), 10, 'immutable'],
    ['too many bytes', `${configMap('a')}data: { x: "${'x'.repeat(2_000)}" }\n`, 2, 'more than 2000'],
    ['a broken name', configMap('A_b'), 4, 'Invalid value'],
    ['no object', 'Hello', 1, 'must be an object'],
    ['a kind that nobody knows', 'apiVersion: v1\nkind: Pot\nmetadata: { name: a }', 2, 'Pot'],
  ])('tells the line of %s', (_, text, line, reason) => {
    const [entry] = read(text, { ...(old?.object && { old: old.object }) }).entries
    expect(entry?.object).toBeUndefined()
    expect(entry?.refusals[0]).toMatchObject({ line, reason: expect.stringContaining(reason) })
  })

  it.each([
    ['of a known kind with a name', configMap('a').replace('metadata', 'x: 1\nmetadata'), true],
    ['without a name', 'apiVersion: v1\nkind: ConfigMap\n', false],
    ['of a kind still being typed', 'apiVersion: v1\nkind: Config\nmetadata: { name: a }\n', false],
    ['cut off in the middle', 'apiVersion: v1\nkind: Conf', false],
    ['of a group whose kinds we know', 'apiVersion: gateway.networking.k8s.io/v1\nkind: HttpRoute\n', false],
    ['of no group, by a slip', 'apiVersion: gateway.networking.k8s.i/v1\nkind: HTTPRoute\n', false],
    ['that is broken, of another kind', 'apiVersion: apps/v1\nkind: Deployment\nspec:\n  a: b: c\n', false],
    ['that is one word', 'apiVersion', false],
    ['with an item that says nothing', 'kind: List\nitems:\n- metadata: {}\n', false],
    ['of another kind', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a }\n', true],
    ['of a core kind that is not read', 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a }\n', true],
    ['of a kind with a name like ours', 'apiVersion: serving.knative.dev/v1\nkind: Service\n', true],
    ['of kustomize', 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n', true],
    ['of kustomize without a version', 'kind: Kustomization\nresources: []\n', true],
    ['with values', 'replicas: 3\nimage: { tag: x }\n', true],
    ['of patches', '- op: replace\n  path: /a\n', true],
    ['of npm', '{"name": "x", "version": "1.0.0"}', true],
  ])('%s tells which object it is: %s', (_, text, complete) => {
    expect(isComplete(read(text))).toBe(complete)
  })

  it('is of another kind: told in one sentence, with its name', () => {
    const [entry] = read('apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a, namespace: b }\n').entries
    expect(entry?.refusals).toEqual([
      { line: 2, path: 'kind', reason: 'not read: Penstock does not read Deployment of apps/v1' },
    ])
    expect(entry?.stranger?.object).toEqual({ kind: 'Deployment', namespace: 'b', name: 'a' })
  })

  it('has no namespace whatever it says, where its kind has none', () => {
    const text = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: a, namespace: No Name }\n'
    expect(read(text).entries[0]?.identity).toEqual({
      key: '/Namespace//a',
      kind: 'Namespace',
      namespace: '',
      name: 'a',
    })
  })

  it('holds itself, and is not told', () => {
    const { entries } = read(`${configMap('a')}data: &SUPERSECRET { x: *SUPERSECRET }\n`)
    expect(entries[0]?.object).toBeUndefined()
    expect(JSON.stringify(entries[0]?.refusals)).not.toContain('SUPERSECRET')
  })

  it('is every document of a file with too many', () => {
    const { entries } = read(['a', 'b', 'c', 'd'].map(configMap).join(''))
    expect(entries).toHaveLength(1)
    expect(entries[0]?.refusals[0]?.reason).toContain('more than 3 documents')
  })

  it('leaves its neighbours as they are', () => {
    const { entries } = read(`${configMap('a')}--- {"\n${configMap('b')}`)
    expect(entries.map(({ object }) => object?.metadata.name)).toEqual(['a', undefined, 'b'])
    expect(entries[1]?.refusals[0]?.line).toBe(5)
  })
})
