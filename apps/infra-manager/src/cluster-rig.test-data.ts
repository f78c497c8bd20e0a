// What tests of proxies in Kubernetes need: an API server (the fake one, and the real one where it is built), a bus with
// what is wanted, infra-managers that live and die with exactly their rights, and somebody else who edits.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe } from '@jest/globals'
import { type Bus, channels, createMemoryBus, type MemoryBroker, type Publisher } from '@penstock/bus'
import type { KindInfo } from '@penstock/gateway-api'
import { type Feedback, type Infra, type Infrastructure, Transport, unsetParameters } from '@penstock/ir'
import type { ObjectRef, Writer } from '@penstock/kube'
import { type ApiObject, accessByKubeconfig, accessTo, type ClusterAccess, createKube, type Kube } from '@penstock/kube'
import type { Check } from '@penstock/service'
import { type Logger, silentLogger } from '@penstock/telemetry'
import {
  type AdmissionPlace,
  asUser,
  type ControlPlaneOptions,
  type FakeKubeApi,
  kubeAdmission,
  kubeRole,
  kubeRulesOf,
  kubernetesIsBuilt,
  startControlPlane,
  startFakeKubeApi,
  until,
} from '@penstock/testkit'
import { writeAuthority } from './authority.test-data.ts'
import { configMap, identityAnnotation, ownedKinds, secret, serviceAccount } from './owned-kinds.ts'
import { startInfraManager } from './start.ts'

export interface Server extends AsyncDisposable {
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

async function startReal(options: ControlPlaneOptions): Promise<Server> {
  const plane = await startControlPlane(options)
  const access = await accessByKubeconfig({ file: plane.kubeconfig })
  return { access, [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose]() }
}

const servers: [string, (options: ControlPlaneOptions) => Promise<Server>][] = [['the fake API server', startFake]]
if (await kubernetesIsBuilt()) servers.push(['the real API server', startReal])

/** All that an infra-manager may do. */
export const rights = kubeRulesOf('infra-manager')

export const install = 'test'
/** Another one in the same cluster, which its API server knows by another account. */
export const otherInstall = 'other'
const userOf = (of: string): string => (of === install ? 'infra' : `infra-${of}`)
const place = { install, source: 'cluster' }
export const namespaceKind: KindInfo = {
  group: '',
  kind: 'Namespace',
  plural: 'namespaces',
  versions: ['v1'],
  namespaced: false,
}
let namespaces = 0

/** What the infra-manager of this name says of a fleet: an xds-server may have the same name. */
export const keyOf = (fleet: string, instance: string): string => `${fleet}/infra-manager.${instance}`

/** One test's: the Gateway `web` in a namespace of its own. */
export interface Rig {
  readonly server: Server
  readonly broker: MemoryBroker
  readonly admin: Kube
  readonly namespace: string
  readonly fleet: string
  /** The folder of its authority. */
  readonly identityCa: string
  readonly feedback: ReadonlyMap<string, Feedback>
  /** What was said of readiness. */
  readonly states: readonly string[]
  readonly log: readonly { readonly event: string; readonly fields: Record<string, unknown> }[]
  /** Of somebody else. */
  readonly writer: Writer
  translate(install: string, records: ReadonlyMap<string, { value: Infra }>): Publisher
  live(instance?: string, install?: string, options?: Partial<LifeOptions>): Alive
  /** The uid of the Gateway; undefined: there is none. */
  want(uid: string | undefined, change?: Partial<Infra>): void
  refTo(kind: KindInfo): ObjectRef
  find(kind: KindInfo): Promise<ApiObject | undefined>
  /** In the order in which they are made. */
  all(): Promise<ApiObject[]>
  /** As many objects of this Gateway, and of no other. */
  stands(uid: string, count?: number): Promise<unknown>
  /** The identity of the proxies is that of their account, and was written down there: nothing is to be done. */
  remembered(): Promise<unknown>
  infrastructure(): Infrastructure | undefined
}

export interface Alive extends AsyncDisposable {
  readonly bus: Bus
}

/** Resolves once the API server, which takes a while, refuses what is not of the installation. */
async function guard(admin: Kube, access: ClusterAccess, place: AdmissionPlace): Promise<void> {
  for (const { kind, object } of kubeAdmission('infra-manager', place)) await admin.create(kind, object)
  await using kube = createKube({ access: asUser(access, place.user), service: 'test' })
  const writer = kube.writer({ fieldManager: 'test' })
  const foreign = { kind: configMap, namespace: 'default', name: 'foreign' }
  await until('the policy is in force', async () => (await writer.apply(foreign, {})).is === 'refused')
}

/** Runs the tests on each server there is; what they are given is another one for each test. */
export function onEachServer(tests: (rig: () => Rig) => void, options: ControlPlaneOptions = {}): void {
  describe.each(servers)('%s', (_, start) => {
    let server: Server
    let open: AsyncDisposableStack
    let rig: Rig
    beforeAll(async () => {
      server = await start(options)
      await using kube = createKube({ access: server.access, service: 'test' })
      for (const each of [install, otherInstall]) {
        const user = userOf(each)
        for (const { kind, object } of kubeRole(user, user, rights)) await kube.create(kind, object)
        // The fake one asks no policy.
        if (!server.fake) await guard(kube, server.access, { user, install: each })
      }
    }, 90_000)
    afterAll(async () => server[Symbol.asyncDispose]())
    beforeEach(async () => {
      open = new AsyncDisposableStack()
      rig = await createRig(server, open)
    })
    afterEach(async () => open.disposeAsync())
    tests(() => rig)
  })
}

async function createRig(server: Server, open: AsyncDisposableStack): Promise<Rig> {
  const admin = open.use(createKube({ access: server.access, service: 'test' }))
  const namespace = `infra-${(namespaces += 1)}`
  await admin.create(namespaceKind, { metadata: { name: namespace } })
  const broker = open.use(createMemoryBus())
  const fleet = `${namespace}~web`
  const wanted = new Map<string, { value: Infra }>()
  const feedback = new Map<string, Feedback>()
  const said: Said = { states: [], log: [] }
  const identityCa = await mkdtemp(join(tmpdir(), 'penstock-ca-'))
  open.defer(() => rm(identityCa, { recursive: true }))
  await writeAuthority(identityCa)
  const refTo = (kind: KindInfo): ObjectRef => ({ kind, namespace, name: 'web-penstock' })
  const find = (kind: KindInfo): Promise<ApiObject | undefined> => admin.get(refTo(kind))
  const all = async (): Promise<ApiObject[]> =>
    (await Promise.all(ownedKinds.map(find))).filter((one) => one !== undefined)
  const translate: Rig['translate'] = (install, records) => {
    const keys = { get: (key: string) => records.get(key), keys: () => records.keys() }
    const bus = open.use(broker.connect({ ...place, install, service: 'translator' }))
    const publisher = bus.publish(channels.infra, { state: () => ({ ...keys, held: new Set<string>(), inputs: [] }) })
    publisher.refresh()
    return publisher
  }
  const translator = translate(place.install, wanted)
  open.use(broker.connect({ ...place, service: 'status-reporter' })).listen(channels.feedback, {
    onChange(changes) {
      for (const { key, value } of changes) {
        if (value) feedback.set(key, value)
        else feedback.delete(key)
      }
    },
  })
  return {
    ...{ server, broker, admin, namespace, fleet, identityCa, feedback, ...said },
    writer: admin.writer({ fieldManager: 'somebody', writesPerSecond: 1_000 }),
    ...{ translate, refTo, find, all },
    live: (instance = 'one', of = install, options = {}) =>
      open.use(
        infraManager(
          { server, broker, said, identityCa },
          { ...ordinary, user: userOf(of), ...options, instance, install: of },
        ),
      ),
    want(uid, change = {}) {
      if (uid === undefined) wanted.delete(fleet)
      else wanted.set(fleet, { value: { ...infraOf(namespace, uid), ...change } })
      translator.changed([fleet])
    },
    stands: (uid, count = 4) =>
      until(`everything of ${uid} stands`, async () => {
        const owners = (await all()).flatMap(({ metadata }) =>
          (metadata.ownerReferences ?? []).map((owner) => owner.uid),
        )
        return owners.join() === Array<string>(count).fill(uid).join()
      }),
    remembered: () => until('the identity is remembered', () => isRemembered(find)),
    infrastructure: () => feedback.get(keyOf(fleet, 'one'))?.infrastructure,
  }
}

async function isRemembered(find: Rig['find']): Promise<boolean> {
  const [account, identity] = [await find(serviceAccount), await find(secret)]
  if (!account || !identity) return false
  const { ownerReferences = [], resourceVersion } = identity.metadata
  const isOfAccount = ownerReferences.some(({ uid }) => uid === account.metadata.uid)
  const text = account.metadata.annotations?.[identityAnnotation] ?? ''
  return isOfAccount && text.includes(`"resourceVersion":"${resourceVersion}"`)
}

interface Said {
  readonly states: string[]
  readonly log: { event: string; fields: Record<string, unknown> }[]
}

export interface LifeOptions {
  /** To the API server. */
  readonly user: string
  /** None: all. */
  readonly namespaces: readonly string[]
  readonly identityValidMs: number
}

const ordinary = { namespaces: [], identityValidMs: 86_400_000 }

interface LifeParts {
  readonly server: Server
  readonly broker: MemoryBroker
  readonly said: Said
  readonly identityCa: string
}

type Life = LifeOptions & { readonly instance: string; readonly install: string }

function infraManager({ server, broker, said, identityCa }: LifeParts, options: Life): Alive {
  const { instance, install, user, namespaces, identityValidMs } = options
  const life = new AsyncDisposableStack()
  const at = { ...place, install, service: 'infra-manager', settings: { leaseRetryMs: 20 } }
  const bus = life.use(broker.connect(at))
  const limits = { retryMinMs: 10, retryMaxMs: 100, heldRetryMs: 50 }
  const kube = life.use(createKube({ access: asUser(server.access, user), service: 'infra', limits }))
  const tell = (event: string, fields: Record<string, unknown> = {}): void => void said.log.push({ event, fields })
  const log: Logger = { ...silentLogger, warn: tell, error: tell }
  const config = {
    ...{ install, instance, xdsAddress: 'xds.example:18000', envoyImage: 'envoy:1' },
    ...{ agentgatewayXdsAddress: 'agw.example:18100', agentgatewayImage: 'agentgateway:1' },
    ...{ writesPerSecond: 1_000, resyncMs: 60_000, namespaces, identityCa, identityValidMs },
  }
  const check = { pass: () => said.states.push('passing'), fail: (reason: string) => said.states.push(reason) }
  const health = { check: () => check as unknown as Check }
  life.use(startInfraManager({ bus, kube, config, health, log }))
  return { bus, [Symbol.asyncDispose]: () => life.disposeAsync() }
}

export function infraOf(namespace: string, uid: string, name = 'web'): Infra {
  const group = 'gateway.networking.k8s.io'
  const ports = [{ port: 80, transport: Transport.TCP }]
  const rest = { plane: 'envoy', ports, addresses: [], labels: {}, annotations: {}, parameters: unsetParameters }
  const source = { ...{ group, kind: 'Gateway', namespace, name }, uid, generation: 1 }
  return { ...rest, source, fleet: `${namespace}~${name}` }
}
