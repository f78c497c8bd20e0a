// What a real API server refuses the infra-manager by the policies of its chart, though its role gives it; and that nobody
// else notices them.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import type { KindInfo } from '@penstock/gateway-api'
import {
  type ApiObject,
  accessByKubeconfig,
  createKube,
  type Kube,
  type ObjectRef,
  type PlainObject,
  type ReplaceOptions,
  type Written,
} from '@penstock/kube'
import { asUser, kubeAdmission, kubernetesIsBuilt, until } from '@penstock/testkit'
import { type Asked, startAsked } from './asked.ts'
import { namespace, render } from './release.ts'

jest.setTimeout(120_000)
const suite = (await kubernetesIsBuilt()) ? describe : describe.skip

const kind = (group: string, name: string, plural: string, version = 'v1'): KindInfo => ({
  ...{ group, kind: name, plural, versions: [version], namespaced: true },
})
const secret = kind('', 'Secret', 'secrets')
const configMap = kind('', 'ConfigMap', 'configmaps')
const service = kind('', 'Service', 'services')
const deployment = kind('apps', 'Deployment', 'deployments')
const autoscaler = kind('autoscaling', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'v2')
const budget = kind('policy', 'PodDisruptionBudget', 'poddisruptionbudgets')

const place = 'team'
const name = 'web-penstock'
const account = `system:serviceaccount:${namespace}:infra-manager`
const labels = { 'app.kubernetes.io/managed-by': 'penstock', 'penstock.dev/install': 'penstock' }
const annotations = { 'penstock.dev/fleet': `${place}~web` }
const selector = { 'penstock.dev/proxy': name }

interface Pod {
  readonly serviceAccountName?: string
  readonly container?: PlainObject
  readonly [field: string]: unknown
}

function runs({ container, ...pod }: Pod = {}): PlainObject {
  const containers = [{ name: 'proxy', image: 'envoy:1', ...container }]
  const spec = { serviceAccountName: name, containers, ...pod }
  return { selector: { matchLabels: selector }, template: { metadata: { labels: selector }, spec } }
}

suite('an API server with the chart of the infra-manager', () => {
  let asked: Asked
  let admin: Kube
  let infra: Kube
  beforeAll(async () => {
    asked = await startAsked()
    const access = await accessByKubeconfig({ file: asked.kubeconfig })
    admin = createKube({ access, service: 'test' })
    infra = createKube({ access: asUser(access, account), service: 'test' })
    const namespaces = [namespace, place].map((each) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: each },
    }))
    await asked.create(namespaces)
    await asked.create(await render(asked.charts, 'infra-manager'))
    const foreign: ObjectRef = { kind: configMap, namespace: place, name: 'foreign' }
    await until('the policies are in force', async () => {
      const pods = own(deployment, { spec: runs({ hostNetwork: true }) })
      return (await Promise.all([apply(foreign, {}), pods])).every((said) => said !== 'written')
    })
  })
  afterAll(async () => {
    await infra?.[Symbol.asyncDispose]()
    await admin?.[Symbol.asyncDispose]()
    await asked?.[Symbol.asyncDispose]()
  })

  const refTo = (of: KindInfo, called = name): ObjectRef => ({ kind: of, namespace: place, name: called })

  const wordOf = (written: Written): string => (written.is === 'refused' ? written.message : written.is)
  /** What the infra-manager is told: `written`, or why not. */
  async function apply(ref: ObjectRef, body: PlainObject, by = infra): Promise<string> {
    const writer = by.writer({ fieldManager: 'test' })
    // These it may not patch.
    if (ref.kind === secret) return wordOf(await writer.create(ref, body))
    return wordOf(await writer.apply(ref, body, { force: true }))
  }
  const replace = async (called: string, body: PlainObject, on: ReplaceOptions = {}): Promise<string> =>
    wordOf(await infra.writer({ fieldManager: 'test' }).replace(refTo(secret, called), body, on))
  const own = (of: KindInfo, body: PlainObject, metadata: PlainObject = {}): Promise<string> =>
    apply(refTo(of), { ...body, metadata: { labels, annotations, ...metadata } })

  async function there(
    of: KindInfo,
    called: string,
    more: PlainObject = {},
    content: PlainObject = {},
  ): Promise<ApiObject> {
    return await admin.create(of, { ...content, metadata: { name: called, namespace: place, ...more } })
  }

  it('lets it neither write nor remove what it has not made, and shows nothing of it', async () => {
    const theirs = await there(secret, 'theirs', {}, { data: { password: 'c2VjcmV0' } })
    const { uid } = (await there(configMap, 'theirs')).metadata
    for (const said of [
      await replace('theirs', {}),
      await replace('theirs', { metadata: { labels, annotations } }),
      await apply(refTo(configMap, 'theirs'), { metadata: { labels, annotations } }),
      JSON.stringify(await infra.writer({ fieldManager: 'test' }).delete(refTo(configMap, 'theirs'), { uid })),
    ]) {
      expect(said).toContain('it may change and remove only what it has made')
      expect(said).not.toContain('c2VjcmV0')
    }
    expect(await admin.get(refTo(secret, 'theirs'))).toEqual(theirs)
    expect((await admin.get(refTo(configMap, 'theirs')))?.metadata.uid).toBe(uid)
  })

  it('lets it touch nothing of another installation, nor of a fleet of another namespace', async () => {
    const install = { ...labels, 'penstock.dev/install': 'second' }
    const elsewhere = { 'penstock.dev/fleet': 'elsewhere~web' }
    await there(configMap, 'second-penstock', { labels: install, annotations })
    await there(configMap, 'elsewhere-penstock', { labels, annotations: elsewhere })
    for (const called of ['second-penstock', 'elsewhere-penstock'])
      expect(await apply(refTo(configMap, called), { metadata: { labels, annotations } })).toContain(
        'only what it has made',
      )
    for (const metadata of [{ labels: {} }, { annotations: {} }, { labels: install }, { annotations: elsewhere }])
      expect(await own(configMap, {}, metadata)).toContain('it may make only what carries the labels')
    expect(await apply(refTo(configMap, 'web'), { metadata: { labels, annotations } })).toContain('it may make only')
  })

  it('lets it write, take back and remove what is its own', async () => {
    expect(await own(secret, { type: 'Opaque', data: { key: 'eA==' } })).toBe('written')
    expect(await replace(name, { metadata: { labels, annotations }, data: { key: 'eQ==' } })).toBe('written')
    expect(await own(configMap, { data: { a: 'b' } })).toBe('written')
    const edited = { labels: { 'app.kubernetes.io/managed-by': 'somebody', 'penstock.dev/install': null } }
    await asked.kubectl([
      ...['patch', 'configmap', name, '--namespace', place, '--type=merge', '--patch'],
      JSON.stringify({ metadata: edited }),
    ])
    expect(await own(configMap, { data: { a: 'b' } })).toBe('written')
    const uid = (await admin.get(refTo(configMap)))?.metadata.uid ?? ''
    expect(await infra.writer({ fieldManager: 'test' }).delete(refTo(configMap), { uid })).toEqual({ is: 'gone' })
    expect(await own(deployment, { spec: runs() })).toBe('written')
  })

  it('lets it make sure of no guess, but of all that a Secret holds that nobody may change', async () => {
    const data = { password: 'c2VjcmV0' }
    const wrong = { password: 'eA==' }
    const metadata = { labels, annotations }
    await there(secret, 'known-penstock', {}, { data })
    await there(secret, 'fixed-penstock', {}, { data, immutable: true })
    const guess = (called: string, guessed: PlainObject): Promise<string> =>
      replace(called, { metadata, data: guessed, immutable: called.startsWith('fixed') }, { dryRun: true })
    for (const [called, guessed] of [
      ['known-penstock', wrong],
      ['known-penstock', data],
      ['fixed-penstock', data],
    ] as const)
      expect(await guess(called, guessed)).toContain('it may change and remove only what it has made')
    expect(await guess('fixed-penstock', wrong)).toContain('field is immutable')
  })

  it('lets it have Kubernetes make no token', async () => {
    const token = { ...annotations, 'kubernetes.io/service-account.name': 'default' }
    const metadata = { labels, annotations: token }
    expect(
      await apply(refTo(secret, 'token-penstock'), { type: 'kubernetes.io/service-account-token', metadata }),
    ).toContain('of the type Opaque')
  })

  it('lets it choose no pods but its own', async () => {
    const scaled = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'theirs' }
    const theirs = { app: 'theirs' }
    for (const [of, spec] of [
      [service, { ports: [{ port: 80 }], selector: theirs }],
      [budget, { minAvailable: 1, selector: { matchLabels: theirs } }],
      [autoscaler, { maxReplicas: 9, scaleTargetRef: scaled }],
    ] as const)
      expect(await own(of, { spec })).toContain('only its own proxies')
    expect(await own(service, { spec: { ports: [{ port: 80 }], selector } })).toBe('written')
    expect(await own(budget, { spec: { minAvailable: 1, selector: { matchLabels: selector } } })).toBe('written')
    const scaleTargetRef = { ...scaled, name }
    expect(await own(autoscaler, { spec: { maxReplicas: 9, scaleTargetRef } })).toBe('written')
  })

  it.each<[string, Pod]>([
    ['the ServiceAccount of their proxies', { serviceAccountName: 'default' }],
    ['no part in their node', { hostNetwork: true }],
    ['no part in their node', { hostPID: true }],
    ['no part in their node', { hostIPC: true }],
    ['no part in their node', { volumes: [{ name: 'host', hostPath: { path: '/' } }] }],
    ['no privileges', { container: { securityContext: { privileged: true } } }],
    ['no privileges', { container: { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } } }],
    ['no privileges', { initContainers: [{ name: 'i', image: 'i', securityContext: { privileged: true } }] }],
  ])('lets it run pods alone that have %s: %j', async (rule, pod) => {
    expect(await own(deployment, { spec: runs(pod) })).toContain(rule)
  })

  it('is told that pods may be otherwise', async () => {
    const objects = await render(asked.charts, 'infra-manager', '--set', 'admissionPolicy.anyPods=true')
    const policies = objects.filter(({ kind: of }) => of.startsWith('ValidatingAdmission'))
    expect(policies.map(({ metadata }) => metadata.name.split('.').at(-1))).toEqual(['objects', 'objects'])
  })

  it('has the policies that the tests of the infra-manager run under', async () => {
    const objects = await render(asked.charts, 'infra-manager')
    const tested = kubeAdmission('infra-manager', { user: account, install: 'penstock' })
    const isPolicy = (of: string): boolean => of === 'ValidatingAdmissionPolicy'
    expect(objects.filter(({ kind: of }) => isPolicy(of)).map(({ spec }) => spec)).toEqual(
      tested.filter(({ kind: of }) => isPolicy(of.kind)).map(({ object: { spec } }) => spec),
    )
  })

  it('refuses nobody else', async () => {
    const written = await apply(refTo(configMap, 'anything'), { data: { a: 'b' } }, admin)
    expect(written).toBe('written')
  })
})
