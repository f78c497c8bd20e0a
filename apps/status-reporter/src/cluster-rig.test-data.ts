// What tests of statuses in Kubernetes need: an API server with objects, a bus with what is wanted for them, and
// status-reporters that live and die.
import { type Bus, channels, createMemoryBus, type MemoryBroker } from '@penstock/bus'
import { apiVersionOf, customResourceDefinitionKind, type KindInfo, kinds } from '@penstock/gateway-api'
import type { Feedback, ProxyState, Source, Status } from '@penstock/ir'
import { type ApiObject, accessTo, type ClusterAccess, createKube, type Kube, type Writer } from '@penstock/kube'
import { type Logger, silentLogger, silentMeter } from '@penstock/telemetry'
import { gatewayDefinition, kubeRulesOf, until } from '@penstock/testkit'
import { routeProgrammed, type StatusCondition } from './condition.ts'
import { startStatusReporter } from './start.ts'
import type { ObjectStatus } from './status-document.ts'

export const controllerName = 'penstock.dev/c'
const place = { install: 'test', source: 'cluster' }
const written = new Set(
  kubeRulesOf('status-reporter').flatMap(({ resources }) => resources.map((resource) => resource.split('/')[0])),
)

export type Config = Parameters<typeof startStatusReporter>[0]['config']

export interface Rig extends AsyncDisposable {
  readonly broker: MemoryBroker
  readonly admin: Kube
  /** Of somebody else. */
  readonly writer: Writer
  readonly log: { readonly event: string; readonly fields: Record<string, unknown> }[]
  live(options?: { config?: Partial<Config>; access?: ClusterAccess; health?: LifeParts['health'] }): Alive
  make(kind: string, path: string, metadata?: object): Promise<Source>
  /** Resolves when it is on the bus. */
  want(...statuses: readonly Wish[]): Promise<unknown>
  acknowledge(fleet: string, acknowledgedCommit: number): void
  say(fleet: string, infrastructure: Feedback['infrastructure']): void
  object(source: Source): Promise<ApiObject>
  status(source: Source): Promise<ObjectStatus & Record<string, unknown>>
  /** Waits until it is so. */
  has(source: Source, what: (status: ObjectStatus & Record<string, unknown>) => boolean): Promise<unknown>
}

export interface Alive extends AsyncDisposable {
  readonly bus: Bus
}

/** No status: nothing is wanted any more. */
export interface Wish {
  readonly source: Source
  readonly status?: Partial<Status>
  readonly irCommit?: number
}

export const kindOf = (kind: string): KindInfo => {
  const info = kinds.find((each) => each.kind === kind)
  if (!info) throw new Error(`no kind ${kind}`)
  return info
}

export const refOf = ({ kind, namespace, name }: Source) => ({
  ...{ kind: kindOf(kind), name },
  ...(namespace === '' ? {} : { namespace }),
})

const typeOf = (kind: string): object => ({ apiVersion: apiVersionOf(kindOf(kind)), kind })

const none = { conditions: [], parents: [], listeners: [], supportedFeatures: [], fleets: [], finalizers: [] }

export const fine = (type: string) => ({ type, status: true, reason: type, message: 'Fine.' })
export const wrong = (type: string, message = 'Wrong.') => ({ type, status: false, reason: 'Bad', message })

/** A parent of this name, whose fleet has it too. */
export const parentOf = (name: string, conditions = [fine('Accepted')], fleets: readonly string[] = []) => ({
  ...{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: '', name, sectionName: '', port: 0 },
  ...{ conditions, fleets: [...fleets] },
})

export const routed = (fleet: string): Partial<Status> => ({
  parents: [parentOf(fleet, [fine('Accepted'), fine(routeProgrammed)], [fleet])],
  fleets: [fleet],
})

/** `ofLives`: with which the status-reporters come. */
export async function createRig(access: ClusterAccess, ofLives = access): Promise<Rig> {
  const open = new AsyncDisposableStack()
  const broker = open.use(createMemoryBus())
  const connect = (service: string): Bus => open.use(broker.connect({ ...place, service }))
  const admin = open.use(createKube({ access, service: 'test' }))
  const writer = admin.writer({ fieldManager: 'other', writesPerSecond: 100_000, burst: 100_000 })
  const statuses = new Map<string, { value: Status; headers: { 'ir-commit': string } }>()
  const state = () => ({
    ...{ get: (key: string) => statuses.get(key), keys: () => statuses.keys() },
    ...{ held: new Set<string>(), inputs: [] },
  })
  const translator = connect('translator').publish(channels.status, { state })
  translator.refresh()
  const feedback = connect('xds-server').announce(channels.feedback)
  const log: { event: string; fields: Record<string, unknown> }[] = []
  const rig: Rig = {
    ...{ broker, admin, writer, log },
    live: (options = {}) => open.use(startLife({ broker, log, access: ofLives, ...options })),
    async make(kind, path, metadata = {}) {
      const [namespace = '', name = path] = path.includes('/') ? path.split('/') : []
      const wanted = { metadata: { ...metadata, name, ...(namespace === '' ? {} : { namespace }) }, spec: {} }
      const { uid, generation = 1 } = (await admin.create(kindOf(kind), { ...typeOf(kind), ...wanted })).metadata
      return { group: 'gateway.networking.k8s.io', kind, namespace, name, uid, generation }
    },
    async want(...wishes) {
      const keys = wishes.map(({ source }) => `${source.group}/${source.kind}/${source.namespace}/${source.name}`)
      for (const [index, { source, status, irCommit = 1 }] of wishes.entries()) {
        const value = status && { ...none, ...status, source }
        if (value) statuses.set(keys[index] ?? '', { value, headers: { 'ir-commit': String(irCommit) } })
        else statuses.delete(keys[index] ?? '')
      }
      translator.changed(keys)
      await translator.settled()
    },
    acknowledge(fleet, acknowledgedCommit) {
      const proxy: ProxyState = {
        ...{ proxy: 'p', connectedSinceMs: 1, acknowledgedCommit, acknowledgedAtMs: 1, rejections: [] },
      }
      feedback.put(`${fleet}/server`, { fleet, instance: 'server', proxies: [proxy] })
    },
    say(fleet, infrastructure) {
      if (!infrastructure) feedback.delete(`${fleet}/infra`)
      else feedback.put(`${fleet}/infra`, { fleet, instance: 'infra', proxies: [], infrastructure })
    },
    async object(source) {
      const object = await admin.get(refOf(source))
      if (!object) throw new Error(`${source.name} is gone`)
      return object
    },
    status: async (source) => ((await rig.object(source))['status'] ?? {}) as ObjectStatus & Record<string, unknown>,
    has: (source, what) => until(`the status of ${source.name}`, async () => what(await rig.status(source))),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
  return rig
}

/** Every kind that a status-reporter writes of, but `later`. */
export async function defineWritten(access: ClusterAccess, later?: string): Promise<void> {
  await using kube = createKube({ access, service: 'test' })
  const defined = kinds.filter(({ plural, kind }) => written.has(plural) && kind !== later)
  for (const kind of defined) {
    await kube.create(customResourceDefinitionKind, gatewayDefinition(kind, 'v1.7.0'))
  }
  for (const kind of defined) {
    const isServed = (): Promise<boolean> =>
      kube.list(kind).then(
        () => true,
        () => false,
      )
    await until(`${kind.kind} is served`, isServed)
  }
}

interface LifeParts {
  readonly broker: MemoryBroker
  readonly log: Rig['log']
  readonly access: ClusterAccess
  readonly config?: Partial<Config>
  readonly health?: Parameters<typeof startStatusReporter>[0]['health']
}

function startLife({ broker, log, access, config, health }: LifeParts): Alive {
  const life = new AsyncDisposableStack()
  const bus = life.use(broker.connect({ ...place, service: 'status-reporter', settings: { leaseRetryMs: 20 } }))
  const kube = life.use(createKube({ access, service: 'test', limits: { retryMinMs: 10, retryMaxMs: 100 } }))
  const tell = (event: string, fields: Record<string, unknown> = {}): void => void log.push({ event, fields })
  const logger: Logger = { ...silentLogger, warn: tell, error: tell }
  const settings = {
    ...{ status: '', controllerName, gatewayAddress: '', noProxyMs: 60_000, settleMs: 100 },
    ...{ writesPerSecond: 20_000, resyncMs: 60_000, ...config },
  }
  life.use(
    startStatusReporter({ bus, kube, config: settings, log: logger, meter: silentMeter, ...(health && { health }) }),
  )
  return { bus, [Symbol.asyncDispose]: () => life.disposeAsync() }
}

/** `Accepted True 1`, of the object itself, its listeners and its parents. */
export const said = ({ conditions = [], listeners = [], parents = [] }: ObjectStatus): string[] =>
  [conditions, ...listeners.map((one) => one.conditions), ...parents.map((one) => one.conditions)]
    .flat()
    .map(({ type, status, observedGeneration }: StatusCondition) => `${type} ${status} ${observedGeneration}`)

export const tokenAccess = (url: string, token = 'admin'): ClusterAccess => accessTo(url, { token })
