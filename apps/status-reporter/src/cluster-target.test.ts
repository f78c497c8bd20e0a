// What becomes of a status that others write too, on the fake API server and on the real one.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { gatewayClassFinalizer } from '@penstock/gateway-api'
import type { Source } from '@penstock/ir'
import { accessByKubeconfig, type ClusterAccess, createKube } from '@penstock/kube'
import {
  asUser,
  type FakeKubeApi,
  kubeRole,
  kubeRulesOf,
  kubernetesIsBuilt,
  singleRights,
  startControlPlane,
  startFakeKubeApi,
  until,
} from '@penstock/testkit'
import {
  controllerName,
  createRig,
  defineWritten,
  fine,
  parentOf,
  type Rig,
  refOf,
  said,
  tokenAccess,
  wrong,
} from './cluster-rig.test-data.ts'

interface Server extends AsyncDisposable {
  readonly access: ClusterAccess
  readonly fake?: FakeKubeApi
}

async function startFake(): Promise<Server> {
  const api = await startFakeKubeApi()
  return { fake: api, access: tokenAccess(api.url), [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() }
}

async function startReal(): Promise<Server> {
  const plane = await startControlPlane()
  return {
    access: await accessByKubeconfig({ file: plane.kubeconfig }),
    [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose](),
  }
}

const servers = [['the fake API server', startFake] as const]
if (await kubernetesIsBuilt()) servers.push(['the real API server', startReal] as never)

/** All that a status-reporter may do. */
const rights = kubeRulesOf('status-reporter')

let made = 0
/** A name that no other test uses. */
const unique = (name: string): string => `${name}-${(made += 1)}`
const accepted = { parents: [parentOf('gw')] }
const statusOfGateway = { conditions: [fine('Accepted'), fine('Programmed')], fleets: ['gw'] }
const known = { replicasWanted: 1, replicasReady: 1, problem: '' }
const foreignParent = {
  parentRef: { name: 'theirs', sectionName: 'odd' },
  controllerName: 'example.com/other',
  conditions: [
    {
      ...{ type: 'Accepted', status: 'False', reason: 'NotAllowedByListeners', message: ' theirs ' },
      ...{ lastTransitionTime: '2020-01-01T00:00:00Z', observedGeneration: 7 },
    },
  ],
}
const foreignCondition = {
  ...{ type: 'example.com/Audited', status: 'True', reason: 'Fine', message: '' },
  ...{ lastTransitionTime: '2020-01-01T00:00:00Z', observedGeneration: 1 },
}

describe.each(servers)('%s', (_, start) => {
  let server: Server
  let rig: Rig
  beforeAll(async () => {
    server = await start()
    await defineWritten(server.access)
    await using kube = createKube({ access: server.access, service: 'test' })
    for (const { kind, object } of kubeRole('reporter', 'reporter', rights)) await kube.create(kind, object)
  }, 90_000)
  afterAll(async () => server[Symbol.asyncDispose]())
  beforeEach(async () => {
    rig = await createRig(server.access, asUser(server.access, 'reporter'))
  })
  afterEach(async () => rig[Symbol.asyncDispose]())

  const route = (): Promise<Source> => rig.make('HTTPRoute', `default/${unique('route')}`)
  const gateway = (): Promise<Source> => rig.make('Gateway', `default/${unique('gw')}`)
  const edit = (source: Source, change: (status: Record<string, unknown>) => Record<string, unknown>) =>
    rig.writer.editStatus(refOf(source), (object) => change((object['status'] ?? {}) as Record<string, unknown>))
  const version = async (source: Source): Promise<string> => (await rig.object(source)).metadata.resourceVersion
  /** Everything that was wanted so far has been looked at. */
  async function settled(): Promise<void> {
    const mark = await route()
    await rig.want({ source: mark, status: accepted })
    await rig.has(mark, ({ parents }) => parents?.length === 1)
  }

  it('keeps what others say of a route to the byte, and takes back what is ours no more', async () => {
    const source = await route()
    await edit(source, () => ({ parents: [foreignParent] }))
    rig.live()
    await rig.want({ source, status: { parents: [parentOf('one'), parentOf('two')] } })
    await rig.has(source, ({ parents }) => parents?.length === 3)
    // Somebody audits our entry, which is no reason for us to write.
    await edit(source, (status) => {
      const parents = status['parents'] as { parentRef: { name: string }; conditions: object[] }[]
      const audited = (name: string): object[] => (name === 'two' ? [foreignCondition] : [])
      return {
        parents: parents.map((one) => ({ ...one, conditions: [...one.conditions, ...audited(one.parentRef.name)] })),
      }
    })
    await rig.want({ source, status: { parents: [parentOf('two'), parentOf('three')] } })
    await rig.has(source, ({ parents }) => parents?.at(-1)?.parentRef.name === 'three')
    const { parents = [] } = await rig.status(source)
    expect(parents.map(({ parentRef }) => parentRef.name)).toEqual(['theirs', 'two', 'three'])
    expect(parents[0]).toEqual(foreignParent)
    expect(parents[1]?.conditions).toContainEqual(foreignCondition)
    await rig.want({ source })
    await rig.has(source, (status) => status.parents?.length === 1)
    expect(await rig.status(source)).toEqual({ parents: [foreignParent] })
  })

  it('tells of each listener of a ListenerSet, and on its Gateway how many sets it has', async () => {
    const source = await rig.make('ListenerSet', `default/${unique('set')}`)
    const parent = await gateway()
    rig.live()
    const listener = { name: 'more', attachedRoutes: 2, supportedKinds: [], conditions: [fine('Accepted')] }
    await rig.want(
      { source, status: { conditions: [fine('Accepted')], listeners: [listener] } },
      { source: parent, status: { ...statusOfGateway, attachedListenerSets: 1 } },
    )
    await rig.has(source, ({ listeners }) => listeners?.length === 1)
    expect(await rig.status(source)).toMatchObject({
      conditions: [{ type: 'Accepted', status: 'True' }],
      listeners: [{ name: 'more', attachedRoutes: 2, conditions: [{ type: 'Accepted', status: 'True' }] }],
    })
    await rig.has(parent, ({ attachedListenerSets }) => attachedListenerSets === 1)
    await rig.want({ source: parent, status: statusOfGateway })
    await rig.has(parent, ({ attachedListenerSets }) => attachedListenerSets === undefined)
  })

  it('says nothing of what was never ours', async () => {
    const [never, theirs] = [await route(), await route()]
    await edit(theirs, () => ({ parents: [foreignParent] }))
    const before = [await version(never), await version(theirs)]
    rig.live()
    for (const source of [never, theirs]) await rig.want({ source, status: {} })
    for (const source of [never, theirs]) await rig.want({ source })
    await settled()
    expect([await version(never), await version(theirs)]).toEqual(before)
  })

  it('keeps conditions of others on a Gateway, and gives up its own when the Gateway is ours no more', async () => {
    const source = await gateway()
    await edit(source, () => ({ conditions: [foreignCondition] }))
    rig.live()
    await rig.want({ source, status: { conditions: [fine('Accepted'), wrong('Programmed')] } })
    await rig.has(source, ({ conditions }) => conditions?.length === 3)
    expect((await rig.status(source)).conditions).toContainEqual(foreignCondition)
    await rig.want({ source })
    await rig.has(source, ({ conditions }) => conditions?.length === 1)
    expect((await rig.status(source)).conditions).toEqual([foreignCondition])
  })

  it('never goes back a generation, and leaves another object of the same name alone', async () => {
    const [early, other, soul] = [await route(), await gateway(), await gateway()]
    await rig.writer.apply(refOf(early), { spec: { hostnames: ['edited.example.com'] } })
    const later = { ...early, generation: 2 }
    const first = rig.live()
    await rig.want({ source: later, status: accepted })
    await rig.has(later, (status) => said(status).join() === 'Accepted True 2')
    await first[Symbol.asyncDispose]()
    const before = [await version(later), await version(other)]
    rig.live()
    await rig.want({ source: early, status: { parents: [parentOf('gw', [wrong('Accepted')])] } })
    await rig.want({ source: { ...other, uid: 'of-an-earlier-one' }, status: statusOfGateway })
    await rig.want({ source: soul, status: statusOfGateway })
    await rig.has(soul, ({ conditions }) => conditions?.length === 2)
    await settled()
    expect([await version(later), await version(other)]).toEqual(before)
  })

  it('follows an API server that came back from an older store', async () => {
    const source = await gateway()
    rig.live()
    await rig.want({ source: { ...source, generation: 5 }, status: statusOfGateway })
    await rig.has(source, (status) => said(status).includes('Accepted True 5'))
    await edit(source, () => ({ conditions: [] }))
    await rig.want({ source: { ...source, generation: 3 }, status: statusOfGateway })
    await rig.has(source, (status) => said(status).includes('Accepted True 3'))
  })

  it('is not bound by a status of a generation that its object has not reached: the store is older', async () => {
    const sources = [await route(), await gateway()]
    const status = { ...accepted, ...statusOfGateway }
    rig.live()
    // Written before we hear that the store is another.
    await rig.want(...sources.map((source) => ({ source: { ...source, generation: 3 }, status })))
    for (const source of sources) await rig.has(source, (is) => said(is).includes('Accepted True 3'))
    await rig.want(...sources.map((source) => ({ source, status })))
    for (const source of sources) await rig.has(source, (is) => said(is).includes('Accepted True 1'))
  })

  it('moves a transition time only on a flip, in this life and the next', async () => {
    const source = await route()
    const atFirst = '2020-01-01T00:00:00Z'
    const says = (ok: boolean, message: string) => ({
      parents: [parentOf('gw', [{ ...(ok ? fine : wrong)('Accepted'), message }])],
    })
    const now = async () => (await rig.status(source)).parents?.[0]?.conditions[0]
    const first = rig.live()
    await rig.want({ source, status: says(true, 'one') })
    await rig.has(source, ({ parents }) => parents?.length === 1)
    await first[Symbol.asyncDispose]()
    await edit(
      source,
      (status) =>
        JSON.parse(
          JSON.stringify(status).replace(/"lastTransitionTime":"[^"]*"/, `"lastTransitionTime":"${atFirst}"`),
        ) as Record<string, unknown>,
    )
    rig.live()
    await rig.want({ source: { ...source, generation: 2 }, status: says(true, 'two') })
    await rig.has(source, (status) => said(status).join() === 'Accepted True 2')
    expect(await now()).toMatchObject({ message: 'two', lastTransitionTime: atFirst })
    await rig.want({ source: { ...source, generation: 2 }, status: says(false, 'three') })
    await rig.has(source, (status) => said(status).join() === 'Accepted False 2')
    expect((await now())?.lastTransitionTime).not.toBe(atFirst)
  })

  it('says which features a class supports, and holds a class that is used', async () => {
    const source = await rig.make('GatewayClass', unique('class'), {
      finalizers: ['example.com/theirs', 'x.gateway.networking.k8s.io/y'],
    })
    const conditions = [fine('Accepted'), fine('SupportedVersion')]
    rig.live()
    await rig.want({
      source,
      status: { conditions, supportedFeatures: ['A', 'C'], finalizers: [gatewayClassFinalizer] },
    })
    await rig.has(source, ({ supportedFeatures }) => supportedFeatures?.length === 2)
    await rig.want({
      source,
      status: { conditions, supportedFeatures: ['A', 'B', 'C'], finalizers: [gatewayClassFinalizer] },
    })
    await rig.has(source, ({ supportedFeatures }) => supportedFeatures?.length === 3)
    const { supportedFeatures } = await rig.status(source)
    expect(supportedFeatures).toEqual([{ name: 'A' }, { name: 'B' }, { name: 'C' }])
    const finalizers = async () => (await rig.object(source)).metadata.finalizers
    expect(await finalizers()).toEqual(['example.com/theirs', 'x.gateway.networking.k8s.io/y', gatewayClassFinalizer])
    await rig.want({ source, status: { conditions, supportedFeatures: ['A'], finalizers: [] } })
    await rig.has(source, (status) => status.supportedFeatures?.length === 1)
    expect(await finalizers()).toEqual(['example.com/theirs', 'x.gateway.networking.k8s.io/y'])
  })

  it('lets a class go that is being deleted, as soon as nobody uses it', async () => {
    const source = await rig.make('GatewayClass', unique('class'))
    const conditions = [fine('Accepted')]
    rig.live()
    await rig.want({ source, status: { conditions, finalizers: [gatewayClassFinalizer] } })
    await rig.has(source, (status) => status.conditions?.length === 1)
    await rig.writer.delete(refOf(source), { uid: source.uid })
    await rig.want({ source, status: { conditions: [wrong('Accepted')], finalizers: [gatewayClassFinalizer] } })
    await rig.has(source, (status) => said(status).join() === 'Accepted False 1')
    await rig.want({ source, status: { conditions, finalizers: [] } })
    await until('it is gone', async () => (await rig.admin.get(refOf(source))) === undefined)
  })

  it('goes to no war with another controller of its name, and says so', async () => {
    const [source, own] = [await route(), await gateway()]
    rig.live({ config: { resyncMs: 100 } })
    await rig.want({ source, status: accepted }, { source: own, status: statusOfGateway })
    await rig.has(source, ({ parents }) => parents?.length === 1)
    await rig.has(own, ({ conditions }) => conditions?.length === 2)
    await settled()
    expect(rig.log.filter(({ event }) => event === 'status_overwritten')).toEqual([])
    const theirs = (text: string): Record<string, unknown> =>
      JSON.parse(text.replaceAll('Fine.', 'Theirs.')) as Record<string, unknown>
    for (const each of [source, own]) await edit(each, (status) => theirs(JSON.stringify(status)))
    const told = () => rig.log.filter(({ event }) => event === 'status_overwritten').map(({ fields }) => fields)
    await until('it is told of both', () => told().length === 2)
    for (const { name, kind } of [source, own]) {
      const fields = { kind, namespace: 'default', name, by: ['other'], controllerName }
      expect(told()).toContainEqual(fields)
    }
    await rig.has(source, (status) => JSON.stringify(status).includes('Fine.'))
    await rig.has(own, (status) => JSON.stringify(status).includes('Fine.'))
  })

  it('gives a Gateway the address that who runs its proxies says, and takes none away for want of news', async () => {
    const source = await gateway()
    rig.live()
    rig.acknowledge('gw', 1)
    rig.say('gw', { ...known, addresses: [] })
    await rig.want({ source, status: statusOfGateway })
    await rig.has(source, (status) => said(status).includes('Programmed False 1'))
    expect((await rig.status(source)).conditions).toContainEqual(
      expect.objectContaining({ type: 'Programmed', reason: 'AddressNotAssigned' }),
    )
    const address = { type: 'IPAddress', value: '10.0.0.1' }
    rig.say('gw', { ...known, addresses: [address] })
    await rig.has(source, (status) => said(status).includes('Programmed True 1'))
    expect((await rig.status(source)).addresses).toEqual([address])
    rig.say('gw', undefined)
    await rig.want({ source: { ...source, generation: 2 }, status: { ...statusOfGateway } })
    await rig.has(source, (status) => said(status).includes('Accepted True 2'))
    expect((await rig.status(source)).addresses).toEqual([address])
    rig.say('gw', { ...known, addresses: [], problem: 'Service default/gw cannot be made: no.' })
    await rig.has(source, (status) => said(status).includes('Programmed False 2'))
    const { addresses, conditions } = await rig.status(source)
    expect(addresses).toBeUndefined()
    expect(conditions).toContainEqual(expect.objectContaining({ message: 'Service default/gw cannot be made: no.' }))
  })

  it('keeps since when a condition is so, in another life too, of a parent that is named with its namespace', async () => {
    const source = await route()
    const status = { parents: [{ ...parentOf('gw'), namespace: 'default' }] }
    const first = rig.live()
    await rig.want({ source, status })
    await rig.has(source, ({ parents }) => parents?.length === 1)
    const written = await rig.status(source)
    await first[Symbol.asyncDispose]()
    const second = Math.floor(Date.now() / 1_000)
    await until('the time of a condition would be another', () => Math.floor(Date.now() / 1_000) > second)
    const mark = await route()
    rig.live()
    await rig.want({ source: mark, status })
    await rig.has(mark, ({ parents }) => parents?.length === 1)
    expect(await rig.status(source)).toEqual(written)
  })

  it('warns once of each new trouble', async () => {
    const source = await route()
    const events = async (): Promise<string[]> => {
      const found = await rig.admin.list(eventKind)
      const ours = found.filter((event) => (event['regarding'] as { name: string } | undefined)?.name === source.name)
      return ours.map((event) => `${String(event['type'])} ${String(event['note'])}`).sort()
    }
    const says = (...messages: string[]) => ({
      parents: messages.map((message, index) => parentOf(`gw${index}`, [wrong('Accepted', message)])),
    })
    const first = rig.live()
    await rig.want({ source, status: says('One.') })
    await until('an Event', async () => (await events()).length === 1)
    await rig.want({ source, status: says('One.', 'Two.') })
    await until('another', async () => (await events()).length === 2)
    // Whoever ends between the Event and the status has its successor tell it again: better twice than never.
    await rig.has(source, ({ parents }) => parents?.length === 2)
    await first[Symbol.asyncDispose]()
    rig.live()
    await rig.want({ source, status: says('One.', 'Two.', 'Three.') })
    await until('the third', async () => (await events()).some((text) => text.includes('Three')))
    expect(await events()).toEqual(['Warning One.', 'Warning Three.', 'Warning Two.'])
  })

  it('writes of every kind, and needs every right that it has, so that none is too many', async () => {
    rig.live()
    const own = ['GatewayClass', 'Gateway', 'ListenerSet']
    const ofParents = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute', 'BackendTLSPolicy']
    for (const kind of [...own, ...ofParents]) {
      const name = unique('all')
      const source = await rig.make(kind, kind === 'GatewayClass' ? name : `default/${name}`)
      await rig.want({ source, status: own.includes(kind) ? { conditions: [wrong('Accepted')] } : accepted })
      await rig.has(
        source,
        (status) => said(status).length + ((status['ancestors'] as [] | undefined) ?? []).length > 0,
      )
    }
    // The real one does not tell.
    const exercised = (): string[] => [...(server.fake?.exercised.get('reporter') ?? [])].sort()
    if (server.fake) await until('all is exercised', () => exercised().length >= singleRights(rights).length)
    if (server.fake) expect(exercised()).toEqual(singleRights(rights))
    // Nor does it ask for what it may not.
    expect(server.fake?.missed.get('reporter')).toBeUndefined()
  })
})

const eventKind = {
  group: 'events.k8s.io',
  kind: 'Event',
  plural: 'events',
  versions: ['v1'],
  namespaced: true,
} as const
