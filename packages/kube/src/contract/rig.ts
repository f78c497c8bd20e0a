// What the contract needs of each API server: clients of several users, through a line that can be cut, and the server's
// own misfortunes.
import { customResourceDefinitionKind, type KindInfo } from '@penstock/gateway-api'
import { asUser, until } from '@penstock/testkit'
import type { ClusterAccess } from '../access.ts'
import type { ApiObject, PlainObject } from '../api-object.ts'
import type { KindState } from '../kind-state.ts'
import { createKube, type Kube, type KubeOptions } from '../kube.ts'
import type { KubeLimits } from '../limits.ts'
import type { ObjectChange } from '../mirror.ts'
import type { Reflection, ReflectOptions } from '../reflection.ts'
import { type Line, startLine } from './line.ts'

/** A server that outlives a test. */
export interface Server extends AsyncDisposable {
  readonly port: number
  /** Of somebody who may do everything; `port` is perhaps a line's. */
  access(port: number): Promise<ClusterAccess>
  kill(): Promise<void>
  start(): Promise<void>
  freeze(): void
  thaw(): void
}

export interface Rig extends AsyncDisposable {
  readonly server: Server
  readonly line: Line
  /** A namespace that no other test uses. */
  readonly namespace: string
  /** Past the line, with all rights. */
  readonly admin: Kube
  /** Through the line; `user` has only what roles give. */
  connect(options?: Partial<KubeOptions> & { user?: string }): Promise<Kube>
  gate(name: string, spec?: PlainObject): Promise<ApiObject>
  edit(name: string, spec: PlainObject): Promise<void>
  remove(name: string): Promise<void>
  /** A role with one rule, and its binding. */
  allow(user: string, rule: { group: string; resources: string[]; verbs: string[] }): Promise<() => Promise<void>>
}

/** A kind of our own, so that nothing else on the server touches it. */
export const gateKind = {
  group: 'contract.penstock.dev',
  kind: 'Gate',
  plural: 'gates',
  versions: ['v1', 'v1beta1'],
  namespaced: true,
} as const satisfies KindInfo

export const quick: Partial<KubeLimits> = {
  retryMinMs: 20,
  retryMaxMs: 300,
  heldRetryMs: 300,
  answerTimeoutMs: 1_500,
  settleMs: 100,
}

let rigs = 0

export async function createRig(server: Server): Promise<Rig> {
  rigs += 1
  const namespace = `contract-${process.pid}-${rigs}`
  const line = await startLine(server.port)
  const open: AsyncDisposable[] = []
  // The real one answers to the first objects of a new kind late.
  const patient = { ...quick, answerTimeoutMs: 15_000 }
  const admin = createKube({ access: await server.access(server.port), service: 'contract', limits: patient })
  open.push(admin)
  const ref = (name: string) => ({ kind: gateKind, namespace, name })
  const writer = admin.writer({ fieldManager: 'contract', writesPerSecond: 10_000, burst: 10_000 })
  await admin.create(namespaceKind, { metadata: { name: namespace } })
  return {
    server,
    line,
    namespace,
    admin,
    async connect({ user, ...overrides } = {}) {
      const access = await server.access(line.port)
      const limits = { ...quick, ...overrides.limits }
      const kube = createKube({
        access: user === undefined ? access : asUser(access, user),
        service: 'contract',
        ...overrides,
        limits,
      })
      open.push(kube)
      return kube
    },
    gate: (name, spec = {}) =>
      admin.create(gateKind, { metadata: { name, namespace }, ...typed(gateKind), spec } as never),
    async edit(name, spec) {
      await writer.apply(ref(name), { spec }, { force: true })
    },
    async remove(name) {
      const object = await admin.get(ref(name))
      if (object) await writer.delete(ref(name), { uid: object.metadata.uid })
    },
    async allow(user, { group, resources, verbs }) {
      const name = `${namespace}-${user}-${resources.join('-').replaceAll('/', '.')}`
      await admin.create(roleKind, { metadata: { name }, rules: [{ apiGroups: [group], resources, verbs }] } as never)
      const subjects = [{ kind: 'User', name: user, apiGroup: roleKind.group }]
      const roleRef = { kind: 'ClusterRole', name, apiGroup: roleKind.group }
      const binding = await admin.create(bindingKind, { metadata: { name }, subjects, roleRef } as never)
      return async () => {
        await writer.delete({ kind: bindingKind, name }, { uid: binding.metadata.uid })
      }
    },
    async [Symbol.asyncDispose]() {
      server.thaw()
      await Promise.all(open.map((part) => part[Symbol.asyncDispose]()))
      await line[Symbol.asyncDispose]()
    },
  }
}

/** The definition of the kind, with a status and lists of both sorts in it. */
export function definitionOf({ group, kind, plural }: KindInfo, versions: readonly string[] = ['v1']): never {
  const string = { type: 'string' }
  const condition = { type: 'object', properties: { type: string, status: string }, required: ['type'] }
  const status = {
    type: 'object',
    properties: {
      parents: { type: 'array', items: string },
      conditions: {
        type: 'array',
        items: condition,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      },
    },
  }
  const spec = { type: 'object', properties: { size: { type: 'integer' }, text: string } }
  const openAPIV3Schema = { type: 'object', properties: { spec, status } }
  return {
    ...typed(customResourceDefinitionKind),
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        subresources: { status: {} },
        schema: { openAPIV3Schema },
      })),
    },
  } as never
}

/** Makes the kind served, and waits until it is. */
export async function define(kube: Kube, kind: KindInfo, versions?: readonly string[]): Promise<void> {
  await kube.create(customResourceDefinitionKind, definitionOf(kind, versions))
  await until(`${kind.kind} is served`, () =>
    kube.list(kind).then(
      () => true,
      () => false,
    ),
  )
}

export interface Told<V> extends Reflection<V> {
  readonly changes: ObjectChange<V>[]
  /** How many changes each batch had. */
  readonly batches: number[]
  readonly states: KindState[]
  /** What was told, as `+name`, `-name`, in order; emptied by reading. */
  take(): string[]
}

/** A reflection that remembers what it told. */
export function listenTo<V>(kube: Kube, options: Omit<ReflectOptions<V>, 'onChange' | 'onState'>): Told<V> {
  const changes: ObjectChange<V>[] = []
  const states: KindState[] = []
  let taken = 0
  const batches: number[] = []
  const reflection = kube.reflect<V>({
    ...options,
    onChange(batch) {
      batches.push(batch.length)
      changes.push(...batch)
    },
    onState: (state) => void states.push(state),
  })
  return Object.assign(reflection, {
    changes,
    states,
    batches,
    take() {
      const news = changes.slice(taken)
      taken = changes.length
      return news.map(({ key, value }) => `${value === undefined ? '-' : '+'}${key.split('/').at(-1)}`)
    },
  })
}

const namespaceKind = {
  group: '',
  kind: 'Namespace',
  plural: 'namespaces',
  versions: ['v1'],
  namespaced: false,
} as const
const rights = { group: 'rbac.authorization.k8s.io', versions: ['v1'], namespaced: false } as const
const roleKind = { ...rights, kind: 'ClusterRole', plural: 'clusterroles' } as const
const bindingKind = { ...rights, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings' } as const

const typed = ({ group, kind, versions }: KindInfo): { apiVersion: string; kind: string } => ({
  apiVersion: group === '' ? versions[0] : `${group}/${versions[0]}`,
  kind,
})
