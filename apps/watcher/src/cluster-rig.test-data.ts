// What tests of the cluster form need: an API server with the kinds of the Gateway API, watchers that live and die, and a
// reader of what they publish.
import { type Bus, channels, createMemoryBus, createSealer, type JsonObject } from '@penstock/bus'
import {
  clusterTrustBundleKind,
  customResourceDefinitionKind,
  type KindInfo,
  kindInfo,
  kinds,
} from '@penstock/gateway-api'
import {
  type ApiObject,
  accessTo,
  type ClusterAccess,
  createKube,
  type Kube,
  type KubeLimits,
  type Writer,
} from '@penstock/kube'
import { type Logger, silentLogger, silentMeter } from '@penstock/telemetry'
import { type FakeKubeApi, gatewayDefinition, startFakeKubeApi, until } from '@penstock/testkit'
import { startClusterWatcher } from './cluster-watcher.ts'
import type { ClusterConfig } from './settings.ts'

export const sealer = createSealer({ current: 'k', keys: { k: Buffer.alloc(32, 7) } })
const place = { install: 'test', source: 'cluster' }
const quick: Partial<KubeLimits> = { retryMinMs: 10, retryMaxMs: 100, heldRetryMs: 50, settleMs: 20, pageSize: 50 }

export interface Life extends AsyncDisposable {
  readonly kube: Kube
  readonly checks: { passing: boolean }
}

export type Body = {
  readonly spec?: object
  readonly data?: object
  readonly metadata?: object
  readonly type?: string
}

export interface Rig extends AsyncDisposable {
  readonly api: FakeKubeApi
  readonly broker: ReturnType<typeof createMemoryBus>
  readonly admin: Kube
  readonly writer: Writer
  /** What is published, by key. */
  readonly seen: Map<string, JsonObject>
  /** What was published, in order: each commit's keys, `-` before those that went. */
  readonly commits: string[][]
  /** Of the last commit. */
  held(): readonly string[]
  readonly log: { event: string; fields: Record<string, unknown> }[]
  live(options?: LifeOptions): Life
  create(kind: string, path: string, body?: Body): Promise<ApiObject>
  /** Server-side apply. */
  edit(kind: string, path: string, body: Body): Promise<void>
  remove(kind: string, path: string): Promise<void>
  define(kind: KindInfo): Promise<void>
  undefine(kind: KindInfo): Promise<void>
  /** `Gateway default/web`: is published now. */
  published(): string[]
  publishes(names: readonly string[]): Promise<unknown>
}

export interface LifeOptions {
  readonly config?: Partial<ClusterConfig>
  readonly token?: string
  readonly limits?: Partial<KubeLimits>
}

export const kindOf = (kind: string): KindInfo => {
  const info = kinds.find((each) => each.kind === kind)
  if (!info) throw new Error(`no kind ${kind}`)
  return info
}

export const keyOf = (kind: string, path: string): string => {
  const [namespace, name] = path.includes('/') ? path.split('/') : ['', path]
  return `${kindOf(kind).group}/${kind}/${namespace}/${name}`
}

export async function createRig(defined: readonly KindInfo[] = kinds): Promise<Rig> {
  const api = await startFakeKubeApi()
  const admin = createKube({ access: accessTo(api.url, { token: 'admin' }), service: 'test' })
  const writer = admin.writer({ fieldManager: 'test', writesPerSecond: 100_000, burst: 100_000 })
  const broker = createMemoryBus()
  const reader = broker.connect({ ...place, service: 'translator' })
  const open = new AsyncDisposableStack()
  const [seen, commits] = [new Map<string, JsonObject>(), [] as string[][]]
  let held: readonly string[] = []
  reader.follow(channels.resource, {
    onCommit({ changes, commit }) {
      held = commit.held
      if (changes.length > 0) commits.push(changes.map(({ key, value }) => `${value ? '' : '-'}${nameOf(key)}`).sort())
      for (const { key, value } of changes) {
        if (value) seen.set(key, value)
        else seen.delete(key)
      }
    },
  })
  const log: Rig['log'] = []
  const rig: Rig = {
    ...{ api, broker, admin, writer, seen, commits, log },
    held: () => held,
    live: (options = {}) =>
      open.use(startLife({ access: accessTo(api.url, { token: 'admin', ...options }), broker, log }, options)),
    create(kind, path, body = {}) {
      const { metadata, ...rest } = body
      return admin.create(kindOf(kind), { ...rest, metadata: { ...metadata, ...nameIn(path) } })
    },
    async edit(kind, path, body) {
      await writer.apply({ kind: kindOf(kind), ...nameIn(path) }, body, { force: true })
    },
    remove: (kind, path) => remove(rig, kindOf(kind), path),
    async define(kind) {
      await admin.create(customResourceDefinitionKind, definitionOf(kind))
    },
    undefine: ({ plural, group }) => remove(rig, customResourceDefinitionKind, `${plural}.${group}`),
    published: () => [...seen.keys()].map(nameOf).sort(),
    async publishes(names) {
      const differs = (): string =>
        [
          ...names.filter((name) => !rig.published().includes(name)).map((name) => `${name} is missing`),
          ...rig.published().filter((name) => !names.includes(name)),
        ].join(', ')
      await until('it is published', () => differs() === '', 4_000).catch((thrown: Error) => {
        throw new Error(`${thrown.message}: ${differs()}`)
      })
    },
    async [Symbol.asyncDispose]() {
      api.thaw()
      await open.disposeAsync()
      await reader[Symbol.asyncDispose]()
      broker[Symbol.dispose]()
      await admin[Symbol.asyncDispose]()
      await api[Symbol.asyncDispose]()
    },
  }
  for (const kind of defined) if (!isBuiltIn(kind)) await rig.define(kind)
  return rig
}

function definitionOf(kind: KindInfo): ReturnType<typeof gatewayDefinition> | { metadata: { name: string } } {
  const definition = gatewayDefinition(kind, 'v1.7.0')
  const { name } = definition.metadata
  // What stands in for Kubernetes itself is of no release of the Gateway API.
  return isOfKubernetes(kind) ? { ...definition, metadata: { name } } : definition
}

/** The fake serves these without a definition. */
const isBuiltIn = ({ group }: KindInfo): boolean => group === '' || group === 'discovery.k8s.io'
export const isOfKubernetes = (kind: KindInfo): boolean => isBuiltIn(kind) || kind === clusterTrustBundleKind

interface LifeParts extends Pick<Rig, 'broker' | 'log'> {
  readonly access: ClusterAccess
}

export function startLife({ access, broker, log }: LifeParts, { config, limits }: LifeOptions = {}): Life {
  const stack = new AsyncDisposableStack()
  const settings = { leaseRetryMs: 20 }
  const bus: Bus = stack.use(broker.connect({ ...place, service: 'watcher', settings }))
  const tell = (event: string, fields: Record<string, unknown> = {}): void => void log.push({ event, fields })
  const logger: Logger = { ...silentLogger, warn: tell, error: tell, child: () => logger }
  const kube = stack.use(
    createKube({
      access,
      service: 'watcher',
      limits: { ...quick, ...limits },
      log: logger,
    }),
  )
  const checks = { passing: false }
  const check = { pass: () => void (checks.passing = true), fail: () => void (checks.passing = false) }
  stack.use(
    startClusterWatcher({
      ...{ bus, sealer, kube, log: logger, meter: silentMeter },
      config: { namespaces: [], labelSelector: '', ...config },
      health: { check: () => check },
    }),
  )
  return { kube, checks, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

async function remove({ admin, writer }: Rig, kind: KindInfo, path: string): Promise<void> {
  const ref = { kind, ...nameIn(path) }
  const object = await admin.get(ref)
  if (object) await writer.delete(ref, { uid: object.metadata.uid })
}

const nameIn = (path: string): { name: string; namespace?: string } => {
  const [first = '', second] = path.split('/')
  return second === undefined ? { name: first } : { namespace: first, name: second }
}

const ours = new Set(['apiextensions.k8s.io', 'penstock.dev'])

/** `Gateway default/web` */
function nameOf(key: string): string {
  const [group = '', kind = '', namespace = '', name = ''] = key.split('/')
  const shown = kindInfo(group, kind) || ours.has(group) ? kind : `${group}/${kind}`
  return `${shown} ${namespace === '' ? '' : `${namespace}/`}${name}`
}

export const gatewayClass = { spec: { controllerName: 'penstock.dev/gateway-controller' } }

/** With one HTTPS listener for each of these Secrets. */
export const gatewayWith = (...secrets: string[]): { spec: object } => ({
  spec: {
    gatewayClassName: 'penstock',
    listeners: secrets.map((name) => ({
      ...{ name, port: 443, protocol: 'HTTPS', hostname: `${name}.example.com` },
      tls: { certificateRefs: [{ name }] },
    })),
  },
})
