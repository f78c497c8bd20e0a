// The infra-manager writes Secrets and reads none: whatever it asks a real API server with exactly its rights, and without
// the policies of its chart, no answer holds anything of a Secret of somebody else.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import type { KindInfo } from '@penstock/gateway-api'
import {
  type ApiObject,
  type ApiRequest,
  accessByKubeconfig,
  createKube,
  type Kube,
  ownersOf,
  type PlainObject,
} from '@penstock/kube'
import {
  asUser,
  type ControlPlane,
  kubeRole,
  kubeRulesOf,
  kubernetesIsBuilt,
  startControlPlane,
} from '@penstock/testkit'

jest.setTimeout(60_000)
const suite = (await kubernetesIsBuilt()) ? describe : describe.skip

const secret: KindInfo = { group: '', kind: 'Secret', plural: 'secrets', versions: ['v1'], namespaced: true }
const collection = '/api/v1/namespaces/default/secrets'
const data = { password: Buffer.from('hush').toString('base64') }
/** Names of keys, labels and annotations too. */
const theirs = /aHVzaA|hush|password|their-label|their-note/

type Asking = Omit<ApiRequest, 'path'> & { readonly at?: string }

const put = (body: PlainObject, more: Partial<Asking> = {}): Asking => ({ method: 'PUT', body: typed(body), ...more })
const typed = ({ metadata, ...body }: PlainObject): PlainObject => ({
  ...{ apiVersion: 'v1', kind: 'Secret', ...body },
  metadata: { name: 'mutable', ...(metadata as PlainObject | undefined) },
})
const patch = (contentType: string, body: unknown = {}): Asking => ({ method: 'PATCH', contentType, body })
const dry = { query: { dryRun: 'All', fieldManager: 'test' } }
const noFields = { manager: 'm', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1' }

const forbidden: [string, Asking][] = [
  ['to get it', {}],
  ['to list all', { at: collection }],
  ['to watch them', { at: `${collection}?watch=true` }],
  ['to merge a value of a wrong type', patch('application/merge-patch+json', { metadata: { labels: 'x' } })],
  ['to test it', patch('application/json-patch+json', [{ op: 'test', path: '/data/password', value: '' }])],
  ['to apply to it', patch('application/apply-patch+yaml', typed({ data: 'x' }))],
  ['to delete it', { method: 'DELETE' }],
]

const answered: [string, Asking][] = [
  ['an empty one', put({}, dry)],
  ['labels of a wrong type', put({ metadata: { labels: 'x' } })],
  ['data of a wrong type', put({ data: 'x' })],
  ['data that cannot be read', put({ data: { password: '%' } })],
  ['a field that is not known', put({ other: 1 }, { query: { ...dry.query, fieldValidation: 'Strict' } })],
  ['another name', put({ metadata: { name: 'other' } })],
  ['another uid', put({ metadata: { uid: '00000000-0000-4000-8000-00000000dead' } })],
  ['another version', put({ metadata: { resourceVersion: '1' } })],
  ['what is no version', put({ metadata: { resourceVersion: 'x' } })],
  ['another type', put({ type: 'kubernetes.io/tls' })],
  ['no owners of fields', put({ metadata: { managedFields: [{}] } }, dry)],
  [
    'made up owners of fields',
    put({ metadata: { managedFields: [{ ...noFields, fieldsV1: { 'f:data': {} } }] } }, dry),
  ],
  ['owners of no fields', put({ metadata: { managedFields: [{ ...noFields, fieldsV1: { 'x:data': 1 } }] } }, dry)],
  ['that it goes', put({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }, dry)],
  ['a dry run of an unknown sort', put({}, { query: { dryRun: 'Some' } })],
  ['an answer as a table', put({}, { ...dry, accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })],
  ['a body of another kind', put({ kind: 'ConfigMap' })],
  ['a new one of its name', { method: 'POST', at: collection, body: typed({}) }],
]

suite('an infra-manager that no policy is asked about', () => {
  let plane: ControlPlane
  let admin: Kube
  let infra: Kube
  const names = ['mutable', 'fixed', 'of-a-type']
  const found = (name: string): Promise<ApiObject | undefined> =>
    admin.get({ kind: secret, namespace: 'default', name })

  beforeAll(async () => {
    plane = await startControlPlane()
    const access = await accessByKubeconfig({ file: plane.kubeconfig })
    admin = createKube({ access, service: 'theirs' })
    for (const { kind, object } of kubeRole('infra', 'infra', kubeRulesOf('infra-manager'))) {
      await admin.create(kind, object)
    }
    infra = createKube({ access: asUser(access, 'infra'), service: 'infra' })
    const metadata = { labels: { 'their-label': 'their-label' }, annotations: { 'their-note': 'their-note' } }
    for (const name of names) {
      const body = {
        ...{ apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, name }, data },
        ...(name === 'fixed' && { immutable: true }),
        ...(name === 'of-a-type' && { type: 'example.dev/theirs' }),
      }
      await admin.request({ method: 'POST', path: collection, body })
    }
  })
  afterAll(async () => {
    await infra?.[Symbol.asyncDispose]()
    await admin?.[Symbol.asyncDispose]()
    await plane?.stop()
  })

  /** What it is told, good or bad. */
  async function told(name: string, { at, body, ...asking }: Asking): Promise<string> {
    const path = at ?? `${collection}/${name}`
    const text = JSON.stringify(body)?.replaceAll('"name":"mutable"', `"name":"${name}"`)
    const sent = text === undefined ? {} : { body: JSON.parse(text) as unknown }
    return await infra.request<object>({ ...asking, ...sent, path }).then(
      (answer) => JSON.stringify(answer),
      (thrown: Error) => `${thrown.message} ${JSON.stringify(thrown)}`,
    )
  }

  it.each(forbidden)('may not ask %s', async (_, asking) => {
    expect(await told('mutable', asking)).toMatch(/ 403 .* is forbidden/)
  })

  it.each(answered)('is told nothing of it when it puts %s in its place', async (_, asking) => {
    for (const name of names) {
      const before = await found(name)
      // Its own words may come back to it.
      const own = JSON.stringify(asking.body).match(theirs)?.[0]
      const answer = await told(name, asking)
      expect(own === undefined ? answer : answer.replaceAll(own, '')).not.toMatch(theirs)
      expect(await found(name)).toEqual(before)
    }
  })

  it('can make sure of what it guesses, as is said in docs/security.md', async () => {
    const isRight = async (guess: string): Promise<boolean> => {
      const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mutable' }, data: { password: guess } }
      const path = `${collection}/mutable`
      const answer = await infra.request<ApiObject>({ method: 'PUT', path, ...dry, body })
      return !ownersOf(answer, ['data', 'password']).includes('test')
    }
    expect([await isRight(data.password), await isRight('eA==')]).toEqual([true, false])
  })
})
