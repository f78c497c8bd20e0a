// Statuses through the misfortunes of an API server.
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { customResourceDefinitionKind } from '@penstock/gateway-api'
import type { ApiObject } from '@penstock/kube'
import { type FakeKubeApi, gatewayDefinition, kubeRole, startFakeKubeApi, until } from '@penstock/testkit'
import {
  createRig,
  defineWritten,
  fine,
  kindOf,
  parentOf,
  type Rig,
  refOf,
  said,
  tokenAccess,
  wrong,
} from './cluster-rig.test-data.ts'

let api: FakeKubeApi
let rig: Rig

beforeEach(async () => {
  api = await startFakeKubeApi()
  await defineWritten(tokenAccess(api.url), 'TLSRoute')
  rig = await createRig(tokenAccess(api.url))
})
afterEach(async () => {
  await rig[Symbol.asyncDispose]()
  await api[Symbol.asyncDispose]()
})

const accepted = { parents: [parentOf('gw')] }
const patches = (): string[] => api.requests.filter((request) => request.startsWith('PATCH'))
const events = (name: string) => rig.log.filter(({ event }) => event === name).map(({ fields }) => fields)

it('a conflict is read again, and loses nothing of what came between', async () => {
  const source = await rig.make('HTTPRoute', 'default/web')
  const theirs = { parentRef: { name: 'theirs' }, controllerName: 'example.com/other', conditions: [] }
  const release = api.hold(/^PATCH .*fieldManager=penstock/)
  rig.live()
  await rig.want({ source, status: accepted })
  await until('our write is under way', () => patches().length === 1)
  await rig.writer.editStatus(refOf(source), () => ({ parents: [theirs] }))
  release()
  await rig.has(source, ({ parents }) => parents?.length === 2)
  expect((await rig.status(source)).parents?.[0]).toEqual(theirs)
  expect(events('status_overwritten')).toEqual([])
})

it('what is wanted when a conflict is over is written, not what was before', async () => {
  const source = await rig.make('HTTPRoute', 'default/web')
  const release = api.hold(/^PATCH .*fieldManager=penstock/)
  rig.live()
  await rig.want({ source, status: accepted })
  await until('our write is under way', () => patches().length === 1)
  await rig.want({ source: { ...source, generation: 2 }, status: { parents: [parentOf('gw', [wrong('Accepted')])] } })
  await rig.writer.editStatus(refOf(source), () => ({ parents: [] }))
  release()
  await rig.has(source, (status) => said(status).join() === 'Accepted False 2')
})

it.each([429, 500, 503])('an API server that answers %i is waited for', async (status) => {
  const [route, gateway] = [await rig.make('HTTPRoute', 'default/web'), await rig.make('Gateway', 'default/gw')]
  api.misanswer({ match: /\/status/, status, times: 9 })
  rig.live()
  await rig.want({ source: route, status: accepted }, { source: gateway, status: { conditions: [fine('Accepted')] } })
  await rig.has(route, ({ parents }) => parents?.length === 1)
  await rig.has(gateway, ({ conditions }) => conditions?.length === 1)
})

it('a kind whose statuses are forbidden holds up no other, is told of once in a look, and is written when it may be', async () => {
  api.tokens.set('limited', 'limited')
  const allow = async (plural: string): Promise<void> => {
    const rule = { group: 'gateway.networking.k8s.io', resources: [`${plural}/status`], verbs: ['get', 'patch'] }
    for (const { kind, object } of kubeRole(plural, 'limited', [rule])) await rig.admin.create(kind, object)
  }
  await allow('grpcroutes')
  const names = Array.from({ length: 20 }, (_, index) => `default/r${index}`)
  const forbidden = await Promise.all(names.map((name) => rig.make('HTTPRoute', name)))
  const allowed = await Promise.all(names.map((name) => rig.make('GRPCRoute', name)))
  rig.live({ access: tokenAccess(api.url, 'limited'), config: { resyncMs: 1_000 } })
  await rig.want(...[...forbidden, ...allowed].map((source) => ({ source, status: accepted })))
  for (const source of allowed) await rig.has(source, ({ parents }) => parents?.length === 1)
  // Once in a look at everything, of which a busy machine sees several; not once for each object.
  expect(events('status_unwritable')).toContainEqual(expect.objectContaining({ code: 'kube_forbidden' }))
  expect(events('status_unwritable').length).toBeLessThan(names.length)
  await allow('httproutes')
  for (const source of forbidden) await rig.has(source, ({ parents }) => parents?.length === 1)
})

it('an API server that comes back from an older store, without what was written, gets it again', async () => {
  const [route, gateway] = [await rig.make('HTTPRoute', 'default/web'), await rig.make('Gateway', 'default/gw')]
  const putBack = api.snapshot()
  rig.live()
  await rig.want({ source: route, status: accepted }, { source: gateway, status: { conditions: [fine('Accepted')] } })
  const areWritten = async (): Promise<void> => {
    await rig.has(route, ({ parents }) => parents?.length === 1)
    await rig.has(gateway, ({ conditions }) => conditions?.length === 1)
  }
  await areWritten()
  await until('it is watched whether the API server answers', () => api.watches('gatewayclasses') > 0)
  await api.kill()
  putBack()
  api.misanswer({ match: /gatewayclasses/, status: 503 })
  await api.start()
  const asked = api.requests.length
  await until('it was missed', () => api.requests.slice(asked).some((request) => /gatewayclasses/.test(request)))
  api.answerRightly()
  await areWritten()
})

it('is ready again once it may read what it could not, though nothing is left to write', async () => {
  const source = await rig.make('Gateway', 'default/gw')
  const status = { conditions: [fine('Accepted')] }
  const first = rig.live()
  await rig.want({ source, status })
  await rig.has(source, ({ conditions }) => conditions?.length === 1)
  await first[Symbol.asyncDispose]()
  api.misanswer({ match: /gateways\/gw\/status/, status: 403, times: 1 })
  const said: string[] = []
  const check = () => ({ pass: () => void said.push('pass'), fail: () => void said.push('fail') })
  rig.live({ health: { check } })
  await until('it failed', () => said.includes('fail'))
  // It is tried again 10 s later.
  await until('it is ready again', () => said.at(-1) === 'pass', 40_000)
})

it('a status that the API server finds invalid is told, and not sent again', async () => {
  const [route, gateway] = [await rig.make('HTTPRoute', 'default/web'), await rig.make('Gateway', 'default/gw')]
  api.misanswer({ match: /^PATCH .*fieldManager=penstock/, status: 422 })
  rig.live()
  await rig.want({ source: route, status: accepted }, { source: gateway, status: { conditions: [fine('Accepted')] } })
  await until('it is told', () => events('status_refused').length === 2)
  expect(patches()).toHaveLength(2)
  expect(events('status_refused')).toContainEqual(expect.objectContaining({ kind: 'HTTPRoute', name: 'web' }))
  api.answerRightly()
  await rig.want({ source: { ...route, generation: 2 }, status: accepted })
  await rig.has(route, (status) => said(status).join() === 'Accepted True 2')
})

it('a kind is written in the version that is served', async () => {
  const old = { ...kindOf('TLSRoute'), versions: ['v1alpha3'] }
  await rig.admin.create(customResourceDefinitionKind, gatewayDefinition(old, 'v1.4.0'))
  const path = '/apis/gateway.networking.k8s.io/v1alpha3/namespaces/default/tlsroutes'
  const body = {
    apiVersion: 'gateway.networking.k8s.io/v1alpha3',
    kind: 'TLSRoute',
    metadata: { name: 'tls' },
    spec: {},
  }
  const { metadata } = await rig.admin.request<ApiObject>({ method: 'POST', path, body })
  const source = {
    group: old.group,
    kind: 'TLSRoute',
    namespace: 'default',
    name: 'tls',
    uid: metadata.uid,
    generation: 1,
  }
  rig.live()
  await rig.want({ source, status: accepted })
  await until('its status', async () => (await rig.admin.request<ApiObject>({ path: `${path}/tls` }))['status'])
})

it('whoever leads no more writes no more', async () => {
  const source = await rig.make('HTTPRoute', 'default/web')
  const release = api.hold(/^GET .*httproutes\/web\/status/)
  const first = rig.live()
  await rig.want({ source, status: accepted })
  await until('it is being read', () => api.requests.some((request) => request.includes('httproutes/web/status')))
  const ending = first[Symbol.asyncDispose]()
  release()
  await ending
  expect(patches()).toEqual([])
  rig.live()
  await rig.has(source, ({ parents }) => parents?.length === 1)
  expect(patches()).toHaveLength(1)
})
