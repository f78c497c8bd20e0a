// One API server, and everything that a service does with it.
import type { KindInfo, Resource } from '@penstock/gateway-api'
import { type Logger, type Meter, silentLogger, silentMeter } from '@penstock/telemetry'
import type { ClusterAccess } from './access.ts'
import { type ApiClient, type ApiRequest, createApiClient } from './api-client.ts'
import { ApiFault } from './api-fault.ts'
import { type ApiObject, named } from './api-object.ts'
import { collectionPath, type ObjectRef, objectPath } from './api-path.ts'
import { type DiscoverOptions, type Discovery, KindDiscovery } from './discovery.ts'
import { createKubeEvents, type KubeEvents } from './kube-events.ts'
import { type KubeLimits, limitsWith } from './limits.ts'
import { readList } from './list.ts'
import { type Access, type AccessRules, mayWe, ownRules } from './own-rights.ts'
import { KindReflection, type Reflection, type ReflectOptions, type Scope } from './reflection.ts'
import type { ServedKinds } from './served-kinds.ts'
import { createWriter, type Writer, type WriterOptions } from './writer.ts'

export interface Kube extends AsyncDisposable {
  /** Of our own pod, or of the kubeconfig's context. */
  readonly namespace: string | undefined
  /** Follows the objects of a kind until it is disposed of, or all of this is. */
  reflect<V = Resource>(options: ReflectOptions<V>): Reflection<V>
  /** Follows which kinds are served. */
  discover(options?: DiscoverOptions): Discovery
  writer(options: WriterOptions): Writer
  /** Undefined: there is no such object. */
  get(ref: ObjectRef): Promise<ApiObject | undefined>
  /** All at once: for kinds with few objects. */
  list(kind: KindInfo, scope?: Scope): Promise<ApiObject[]>
  create(kind: KindInfo, object: Creatable): Promise<ApiObject>
  may(access: Access): Promise<boolean>
  rules(namespace: string): Promise<AccessRules>
  /** One attempt at anything else; a Fault when it fails. */
  request<T>(request: ApiRequest): Promise<T>
}

export interface Creatable {
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

export interface KubeOptions {
  readonly access: ClusterAccess
  /** Names us to the API server. */
  readonly service: string
  readonly limits?: Partial<KubeLimits>
  readonly log?: Logger
  readonly meter?: Meter
  /** Wall clock, since 1970. */
  readonly nowMs?: () => number
}

const wallClockMs = (): number => performance.timeOrigin + performance.now()

export function createKube(options: KubeOptions): Kube {
  return new ApiServer(options)
}

class ApiServer implements Kube {
  readonly namespace: string | undefined
  readonly #limits: KubeLimits
  readonly #events: KubeEvents
  readonly #client: ApiClient
  readonly #nowMs: () => number
  readonly #reflections = new Set<KindReflection<unknown>>()
  readonly #discoveries = new Set<Discovery>()
  #served: ServedKinds | undefined

  constructor({ access, service, limits, log = silentLogger, meter = silentMeter, nowMs = wallClockMs }: KubeOptions) {
    this.namespace = access.namespace
    this.#limits = limitsWith(limits)
    this.#events = createKubeEvents(log, meter)
    this.#client = createApiClient({ access, limits: this.#limits, userAgent: `penstock-${service}` })
    this.#nowMs = nowMs
  }

  reflect<V>(options: ReflectOptions<V>): Reflection<V> {
    const forget = (ended: KindReflection<V>): void => void this.#reflections.delete(ended as KindReflection<unknown>)
    const parts = { client: this.#client, limits: this.#limits, events: this.#events }
    const reflection = new KindReflection(parts, options, forget)
    this.#reflections.add(reflection as KindReflection<unknown>)
    return reflection
  }

  discover(options: DiscoverOptions = {}): Discovery {
    const parts = { client: this.#client, limits: this.#limits, events: this.#events }
    const reflect = <V>(reflectOptions: ReflectOptions<V>): Reflection<V> => this.reflect(reflectOptions)
    const onLook = (served: ServedKinds): void => this.#onLook(served)
    const discovery = new KindDiscovery({ ...parts, reflect, onLook }, options)
    this.#discoveries.add(discovery)
    return discovery
  }

  writer(options: WriterOptions): Writer {
    const parts = { client: this.#client, limits: this.#limits, events: this.#events, nowMs: this.#nowMs }
    return createWriter({ ...parts, versionOf: ({ kind }) => this.#versionOf(kind) }, options)
  }

  get(ref: ObjectRef): Promise<ApiObject | undefined> {
    return this.request<ApiObject>({ path: objectPath(ref, this.#versionOf(ref.kind)) }).catch(unlessMissing)
  }

  async list(kind: KindInfo, { namespaces = [], ...selectors }: Scope = {}): Promise<ApiObject[]> {
    const places = namespaces.length > 0 ? namespaces : [undefined]
    const found: ApiObject[] = []
    for (const namespace of places) {
      const version = this.#versionOf(kind)
      const path = collectionPath(kind, version, namespace)
      let objects: ApiObject[] = []
      await readList(this.#client, {
        path,
        query: { ...selectors },
        pageSize: this.#limits.pageSize,
        onBegin: () => {
          objects = []
        },
        onPage: (items) => void objects.push(...items),
      })
      for (const object of objects) found.push(named(object, kind, version))
    }
    return found
  }

  create(kind: KindInfo, object: Creatable): Promise<ApiObject> {
    const path = collectionPath(kind, this.#versionOf(kind), object.metadata.namespace)
    return this.request<ApiObject>({ method: 'POST', path, body: object })
  }

  may(access: Access): Promise<boolean> {
    return mayWe(this.#client, access)
  }

  rules(namespace: string): Promise<AccessRules> {
    return ownRules(this.#client, namespace)
  }

  request<T>(request: ApiRequest): Promise<T> {
    return this.#client.request(request)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#discoveries].map((discovery) => discovery[Symbol.asyncDispose]()))
    await Promise.all([...this.#reflections].map((reflection) => reflection[Symbol.asyncDispose]()))
    this.#client[Symbol.dispose]()
  }

  /** The version that is served, as far as we know. */
  #versionOf(kind: KindInfo): string {
    const versions = this.#served?.get(`${kind.group}/${kind.kind}`)?.versions ?? kind.versions
    return kind.versions.find((version) => versions.includes(version)) ?? kind.versions[0]
  }

  #onLook(served: ServedKinds): void {
    this.#served = served
    for (const reflection of this.#reflections) {
      const { group, kind } = reflection.kind
      reflection.servedChanged(served.get(`${group}/${kind}`)?.versions ?? [])
    }
  }
}

/** Only a Status that names an object speaks of one; anything else says that the kind is not served. */
function unlessMissing(thrown: unknown): undefined {
  if (thrown instanceof ApiFault && thrown.status === 404 && thrown.details?.name !== undefined) return undefined
  throw thrown
}
