// What becomes of INFRA in a cluster, on the fake API server and on the real one.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { channels, createMemoryBus, type Publisher } from '@penstock/bus'
import type { KindInfo } from '@penstock/gateway-api'
import { type Feedback, type Infra, type Source, Transport, unsetParameters } from '@penstock/ir'
import {
  type ApiObject,
  accessByKubeconfig,
  accessTo,
  type ClusterAccess,
  createKube,
  type Kube,
  type PlainObject,
} from '@penstock/kube'
import type { Check } from '@penstock/service'
import { type Logger, silentLogger } from '@penstock/telemetry'
import {
  asUser,
  type FakeKubeApi,
  kubeRightsObjects,
  kubeRole,
  kubeRulesOf,
  kubernetesIsBuilt,
  singleRights,
  startControlPlane,
  startFakeKubeApi,
  until,
} from '@penstock/testkit'
import { configMap, daemonSet, deployment, ownedKinds, service, serviceAccount } from './owned-kinds.ts'
import { startInfraManager } from './start.ts'

jest.setTimeout(20_000)

interface Server extends AsyncDisposable {
  readonly access: ClusterAccess
  readonly fake?: FakeKubeApi
}

async function startFake(): Promise<Server> {
  const fake = await startFakeKubeApi()
  return {
    fake,
    access: accessTo(fake.url, { token: 'admin' }),
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  }
}

async function startReal(): Promise<Server> {
  const plane = await startControlPlane()
  const access = await accessByKubeconfig({ file: plane.kubeconfig })
  return { access, [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose]() }
}

const servers: [string, () => Promise<Server>][] = [['the fake API server', startFake]]
if (await kubernetesIsBuilt()) servers.push(['the real API server', startReal])

/** All that an infra-manager may do. */
const rights = kubeRulesOf('infra-manager')

const place = { install: 'test', source: 'cluster' }
/** What the infra-manager of this name says of a fleet: an xds-server may have the same name. */
const keyOf = (fleet: string, instance: string): string => `${fleet}/infra-manager.${instance}`
const namespaceKind: KindInfo = {
  group: '',
  kind: 'Namespace',
  plural: 'namespaces',
  versions: ['v1'],
  namespaced: false,
}
let namespaces = 0

describe.each(servers)('%s', (_, start) => {
  let server: Server
  let open: AsyncDisposableStack
  let admin: Kube
  let namespace: string
  let broker: ReturnType<typeof createMemoryBus>
  let wanted: Map<string, { value: Infra }>
  let feedback: Map<string, Feedback>
  let states: string[]
  let log: { event: string; fields: Record<string, unknown> }[]
  let announce: (fleet: string) => void

  beforeAll(async () => {
    server = await start()
    await using kube = createKube({ access: server.access, service: 'test' })
    for (const { kind, object } of kubeRole('infra', 'infra', rights)) await kube.create(kind, object)
  }, 90_000)
  afterAll(async () => server[Symbol.asyncDispose]())
  beforeEach(async () => {
    open = new AsyncDisposableStack()
    admin = open.use(createKube({ access: server.access, service: 'test' }))
    namespace = `infra-${(namespaces += 1)}`
    await admin.create(namespaceKind, { metadata: { name: namespace } })
    broker = open.use(createMemoryBus())
    ;[wanted, feedback, log, states] = [new Map(), new Map(), [], []]
    const translator = translate(place.install, wanted)
    announce = (fleet) => translator.changed([fleet])
    open.use(broker.connect({ ...place, service: 'status-reporter' })).listen(channels.feedback, {
      onChange(changes) {
        for (const { key, value } of changes) {
          if (value) feedback.set(key, value)
          else feedback.delete(key)
        }
      },
    })
  })
  afterEach(async () => open.disposeAsync())

  function translate(install: string, records: ReadonlyMap<string, { value: Infra }>): Publisher {
    const state = () => ({
      ...{ get: (key: string) => records.get(key), keys: () => records.keys() },
      ...{ held: new Set<string>(), inputs: [] },
    })
    const bus = open.use(broker.connect({ ...place, install, service: 'translator' }))
    const publisher = bus.publish(channels.infra, { state })
    publisher.refresh()
    return publisher
  }

  function live(
    instance = 'one',
    install = place.install,
    { user = 'infra', namespaces = [] as readonly string[] } = {},
  ): AsyncDisposable {
    const life = new AsyncDisposableStack()
    const at = { ...place, install, service: 'infra-manager', settings: { leaseRetryMs: 20 } }
    const bus = life.use(broker.connect(at))
    const limits = { retryMinMs: 10, retryMaxMs: 100, heldRetryMs: 50 }
    const kube = life.use(createKube({ access: asUser(server.access, user), service: 'infra', limits }))
    const tell = (event: string, fields: Record<string, unknown> = {}): void => void log.push({ event, fields })
    const logger: Logger = { ...silentLogger, warn: tell, error: tell }
    const config = {
      ...{ install, instance, xdsAddress: 'xds.example:18000', envoyImage: 'envoy:1' },
      ...{ agentgatewayXdsAddress: 'agw.example:18100', agentgatewayImage: 'agentgateway:1' },
      ...{ writesPerSecond: 1_000, resyncMs: 60_000, namespaces },
    }
    const check = { pass: () => states.push('passing'), fail: (reason: string) => states.push(reason) }
    const health = { check: () => check as unknown as Check }
    life.use(startInfraManager({ bus, kube, config, health, log: logger }))
    return open.use({ [Symbol.asyncDispose]: () => life.disposeAsync() })
  }

  const fleet = (): string => `${namespace}~web`

  function want(uid: string | undefined, change: Partial<Infra> = {}): void {
    const group = 'gateway.networking.k8s.io'
    if (uid === undefined) wanted.delete(fleet())
    else {
      const source = { ...{ group, kind: 'Gateway', namespace, name: 'web' }, uid, generation: 1 }
      const ports = [{ port: 80, transport: Transport.TCP }]
      const rest = { plane: 'envoy', ports, addresses: [], labels: {}, annotations: {}, parameters: unsetParameters }
      wanted.set(fleet(), { value: { ...rest, source, fleet: fleet(), ...change } })
    }
    announce(fleet())
  }

  const find = (kind: KindInfo): Promise<ApiObject | undefined> => admin.get({ kind, namespace, name: 'web-penstock' })
  const all = async (): Promise<ApiObject[]> =>
    (await Promise.all(ownedKinds.map(find))).filter((one) => one !== undefined)
  const owners = async (): Promise<string[]> =>
    (await all()).flatMap(({ metadata }) => (metadata.ownerReferences ?? []).map(({ uid }) => uid))
  const stands = (uid: string): Promise<unknown> =>
    until(`everything of ${uid} stands`, async () => (await owners()).join() === [uid, uid, uid, uid].join())
  const infrastructure = () => feedback.get(keyOf(fleet(), 'one'))?.infrastructure
  const writer = (kube = admin) => kube.writer({ fieldManager: 'somebody', writesPerSecond: 1_000 })
  const refTo = (kind: KindInfo) => ({ kind, namespace, name: 'web-penstock' })

  it('makes what a Gateway needs, tells its address and its replicas, and follows what is wanted', async () => {
    live()
    want('uid-1')
    await stands('uid-1')
    expect((await find(service))?.['spec']).toMatchObject({
      type: 'LoadBalancer',
      ports: [{ port: 80, targetPort: 80 }],
    })
    await until('it is told that there is no address yet', () => infrastructure()?.replicasWanted === 1)
    expect(infrastructure()).toEqual({ addresses: [], replicasWanted: 1, replicasReady: 0, problem: '' })
    await writer().editStatus(refTo(service), () => ({
      loadBalancer: { ingress: [{ ip: '10.0.0.7', ipMode: 'VIP' }] },
    }))
    await writer().editStatus(refTo(deployment), () => ({ replicas: 1, readyReplicas: 1 }))
    await until(
      'address and replicas are told',
      () => infrastructure()?.replicasReady === 1 && infrastructure()?.addresses.length,
    )
    expect(infrastructure()?.addresses).toEqual([{ type: 'IPAddress', value: '10.0.0.7' }])
    want('uid-1', { parameters: { ...unsetParameters, image: 'envoy:2' }, labels: { team: 'a' } })
    await until('the new image', async () => JSON.stringify(await find(deployment)).includes('"envoy:2"'))
    await until('the new label', async () => (await all()).every(({ metadata }) => metadata.labels?.['team'] === 'a'))
  })

  it('puts back what somebody edits or deletes, and writes nothing while nothing differs', async () => {
    const first = live()
    want('uid-1')
    await stands('uid-1')
    const account = await find(serviceAccount)
    await writer().delete(refTo(serviceAccount), { uid: account?.metadata.uid ?? '' })
    await until('the account is back', async () => {
      const uid = (await find(serviceAccount))?.metadata.uid
      return uid !== undefined && uid !== account?.metadata.uid
    })
    const text = JSON.stringify((await find(configMap))?.['data'])
    await writer().apply(refTo(configMap), { data: { 'envoy.json': '{}' } }, { force: true })
    await until('the file is back', async () => JSON.stringify((await find(configMap))?.['data']) === text)
    const labels = { 'app.kubernetes.io/managed-by': 'somebody' }
    await writer().apply(refTo(deployment), { metadata: { labels } }, { force: true })
    await until('the label is back', async () =>
      Object.values((await find(deployment))?.metadata.labels ?? {}).includes('penstock'),
    )
    const versions = async (): Promise<string> =>
      (await all()).map(({ metadata: { resourceVersion } }) => resourceVersion).join()
    const before = await versions()
    await first[Symbol.asyncDispose]()
    live('two')
    await until('a second life has looked at everything', () => feedback.has(keyOf(fleet(), 'two')))
    want('uid-1', { ports: [81, 80].map((port) => ({ port, transport: Transport.TCP })) })
    await until('its first write', async () => JSON.stringify(await find(service)).includes('tcp-81'))
    const others = (all: string): string[] => all.split(',').toSpliced(3, 1)
    expect(others(await versions())).toEqual(others(before))
  })

  it('makes everything anew for a Gateway that was made again under its name', async () => {
    live()
    want('uid-1')
    await stands('uid-1')
    await writer().editStatus(refTo(service), () => ({
      loadBalancer: { ingress: [{ ip: '10.0.0.7', ipMode: 'VIP' }] },
    }))
    await until('the address is told', () => infrastructure()?.addresses.length === 1)
    const before = (await all()).map(({ metadata }) => metadata.uid)
    want('uid-2')
    await stands('uid-2')
    expect((await all()).filter(({ metadata }) => before.includes(metadata.uid))).toEqual([])
    await until('the old address is forgotten', () => infrastructure()?.addresses.length === 0)
  })

  it('removes what is wanted no more, also what went while nobody led', async () => {
    const first = live()
    want('uid-1')
    await stands('uid-1')
    await first[Symbol.asyncDispose]()
    want(undefined)
    const bystander = {
      metadata: { name: 'theirs', namespace, labels: { 'app.kubernetes.io/managed-by': 'penstock' } },
    }
    await admin.create(configMap, bystander)
    live()
    await until('everything is gone', async () => (await all()).length === 0)
    expect(infrastructure()).toBeUndefined()
    want('uid-1')
    await stands('uid-1')
    want(undefined)
    await until('everything is gone again', async () => (await all()).length === 0)
    expect(await admin.get({ kind: configMap, namespace, name: 'theirs' })).toBeDefined()
  })

  it('takes over nothing of the same name that is not its own', async () => {
    const { metadata } = await admin.create(configMap, {
      ...{ data: { theirs: 'x' } },
      metadata: { namespace, name: 'web-penstock' },
    })
    live()
    want('uid-1')
    await until('it is told', () => (infrastructure()?.problem ?? '') !== '')
    expect(infrastructure()?.problem).toMatch(
      /^ConfigMap infra-\d+\/web-penstock cannot be made: [^.]* not made by Penstock/,
    )
    expect(await find(configMap)).toMatchObject({
      data: { theirs: 'x' },
      metadata: { resourceVersion: metadata.resourceVersion },
    })
    await writer().delete(refTo(configMap), { uid: metadata.uid })
    want('uid-1')
    await stands('uid-1')
  })

  it('leaves alone what another installation runs in the same cluster', async () => {
    live()
    want('uid-1')
    await stands('uid-1')
    const before = (await all()).map(({ metadata }) => metadata.uid)
    const theirs = { ...(wanted.get(fleet())?.value as Infra), fleet: `${namespace}~theirs` }
    const source = { ...(theirs.source as Source), name: 'theirs', uid: 'uid-2' }
    await translate('other', new Map([[theirs.fleet, { value: { ...theirs, source } }]])).settled()
    live('one', 'other')
    const made = { kind: deployment, namespace, name: 'theirs-penstock' }
    await until('the other one has made its own', async () => (await admin.get(made)) !== undefined)
    expect((await all()).map(({ metadata }) => metadata.uid)).toEqual(before)
  })

  it('is done by the one that leads, and told by it', async () => {
    const first = live('one')
    want('uid-1')
    await stands('uid-1')
    await until('it is told', () => feedback.has(keyOf(fleet(), 'one')))
    live('two')
    want('uid-1', { labels: { a: 'b' } })
    await until('the label', async () => (await find(deployment))?.metadata.labels?.['a'] === 'b')
    expect([...feedback.keys()]).toEqual([keyOf(fleet(), 'one')])
    await first[Symbol.asyncDispose]()
    await until('the other tells it', () => [...feedback.keys()].join() === keyOf(fleet(), 'two'))
  })

  it('is not ready while it cannot remove what is wanted no more', async () => {
    // Of the real one nobody takes a right away.
    if (!server.fake) return
    live()
    want('uid-1')
    await stands('uid-1')
    server.fake.misanswer({ match: /^DELETE /, status: 403 })
    want(undefined)
    await until('it is told', () => log.some(({ event }) => event === 'infra_unwritable'))
    expect(states.at(-1)).toContain('403')
    server.fake.answerRightly()
    await until('everything is gone', async () => (await all()).length === 0)
    await until('it is ready', () => states.at(-1) === 'passing')
  })

  it('tells what cannot be made, and makes it when it can be', async () => {
    live()
    // More than annotations may have together.
    const annotations = { note: 'x'.repeat(300_000) }
    want('uid-1', server.fake ? {} : { annotations })
    server.fake?.misanswer({ match: /^PATCH .*\/services\//, status: 422 })
    server.fake?.misanswer({ match: /^PATCH .*\/deployments\//, status: 403 })
    await until('it is told', () => (infrastructure()?.problem ?? '') !== '')
    expect(infrastructure()?.problem).toMatch(
      /Deployment infra-\d+\/web-penstock cannot be made: .*Service infra-\d+\/web-penstock cannot be made: /,
    )
    expect(log.map(({ event }) => event)).toContain('infra_refused')
    server.fake?.answerRightly()
    want('uid-1')
    await stands('uid-1')
    await until('no problem is told', () => infrastructure()?.problem === '')
  })

  it('needs no more than a Role in the one namespace that it is for', async () => {
    // The fake one knows no Roles.
    if (server.fake) return
    const objects = kubeRightsObjects('infra-manager', { namespace, namespaces: [namespace] }) as ApiObject[]
    for (const object of objects) {
      const { kind } = object
      const group = kind === 'ServiceAccount' ? '' : 'rbac.authorization.k8s.io'
      await admin.create({ group, kind, plural: `${kind.toLowerCase()}s`, versions: ['v1'], namespaced: true }, object)
    }
    live('one', place.install, {
      user: `system:serviceaccount:${namespace}:infra-manager`,
      namespaces: [namespace],
    })
    want('uid-1')
    await stands('uid-1')
    want(undefined)
    await until('everything is gone', async () => (await all()).length === 0)
  })

  it('runs them by what a GatewayConfig says, and leaves nothing of what it said before', async () => {
    live()
    const made = async (): Promise<string> => (await all()).map(({ kind }) => kind).join(' ')
    const always = 'ServiceAccount ConfigMap'
    const runs = (kind: KindInfo, status: PlainObject): Promise<unknown> =>
      writer().editStatus(refTo(kind), ({ metadata }) => ({ observedGeneration: metadata.generation ?? 1, ...status }))
    const autoscaling = { minReplicas: 2, maxReplicas: 3, targetCpuPercent: 50 }
    const budget = { minAvailable: '1', maxUnavailable: '' }
    want('uid-1', { parameters: { ...unsetParameters, autoscaling, disruptionBudget: budget } })
    const scaled = `${always} Deployment Service HorizontalPodAutoscaler PodDisruptionBudget`
    await until('they are scaled', async () => (await made()) === scaled)
    want('uid-1', { parameters: { ...unsetParameters, workload: 'DaemonSet' } })
    await until('they come to every node', async () => (await made()).includes('DaemonSet'))
    await runs(daemonSet, { desiredNumberScheduled: 1, numberReady: 1, updatedNumberScheduled: 1 })
    await until('they run there', async () => (await made()) === `${always} DaemonSet Service`)
    want('uid-1')
    await until('they come back', async () => (await made()).includes('Deployment'))
    await runs(deployment, { replicas: 1, readyReplicas: 1, updatedReplicas: 1 })
    await until('they run as before', async () => (await made()) === `${always} Deployment Service`)
  })

  it('had to do all this with every right that it has, so that none is too many', () => {
    // The real one does not tell.
    if (server.fake) expect([...(server.fake.exercised.get('infra') ?? [])].sort()).toEqual(singleRights(rights))
  })
})
