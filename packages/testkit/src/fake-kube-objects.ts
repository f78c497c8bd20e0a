// What a fake API server stores: objects by their path, one counter for all versions, and the history that watches read.

export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    uid: string
    resourceVersion: string
    generation: number
    creationTimestamp: string
    deletionTimestamp?: string
    labels?: Record<string, string>
    finalizers?: string[]
    /** Undefined: nobody keeps track, as of an object from which somebody took them. */
    managedFields?: ManagedFields[]
    [field: string]: unknown
  }
  [field: string]: unknown
}

export interface ManagedFields {
  manager: string
  operation: 'Apply' | 'Update'
  subresource?: string
  /** Paths of the leaves; the real one nests them. */
  fields: string[]
}

export interface StoredKind {
  group: string
  version: string
  kind: string
  plural: string
  namespaced: boolean
  hasStatus: boolean
  schema?: unknown
}

export interface Change {
  version: number
  kind: string
  before: KubeObject | undefined
  after: KubeObject | undefined
}

export class KubeObjects {
  readonly objects = new Map<string, KubeObject>()
  history: Change[] = []
  version = 100
  /** Older versions are forgotten. */
  compactedTo = 0
  readonly listeners = new Set<(change: Change) => void>()
  #uids = 0

  get(kind: StoredKind, namespace: string, name: string): KubeObject | undefined {
    return this.objects.get(pathOf(kind, namespace, name))
  }

  /** The same objects; what is written there is written nowhere else, and nobody is told. */
  copy(): KubeObjects {
    const copy = new KubeObjects()
    for (const [path, object] of this.objects) copy.objects.set(path, object)
    return Object.assign(copy, { version: this.version })
  }

  list(kind: StoredKind, namespace: string): KubeObject[] {
    const prefix = namespace === '' ? `${kindName(kind)}/` : `${kindName(kind)}/${namespace}/`
    const found = [...this.objects].filter(([path]) => path.startsWith(prefix))
    return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
  }

  /** Creates or replaces; an object whose last finalizer goes while it is being deleted goes too. */
  put(kind: StoredKind, object: KubeObject): KubeObject {
    const { namespace = '', name } = object.metadata
    const path = pathOf(kind, namespace, name)
    const before = this.objects.get(path)
    if (object.metadata.deletionTimestamp !== undefined && !object.metadata.finalizers?.length) {
      return this.#remove(kind, path, object)
    }
    this.version += 1
    const after = structuredClone(object)
    after.metadata.resourceVersion = String(this.version)
    if (!before) {
      this.#uids += 1
      after.metadata.uid = `00000000-0000-4000-8000-${String(this.#uids).padStart(12, '0')}`
      after.metadata.creationTimestamp = '2026-01-01T00:00:00Z'
      after.metadata.generation = 1
    } else if (JSON.stringify(before['spec']) !== JSON.stringify(after['spec'])) {
      after.metadata.generation = before.metadata.generation + 1
    }
    this.objects.set(path, after)
    this.#tell({ version: this.version, kind: kindName(kind), before, after })
    return after
  }

  delete(kind: StoredKind, object: KubeObject): void {
    if (object.metadata.finalizers?.length) {
      const marked = structuredClone(object)
      marked.metadata.deletionTimestamp = '2026-01-02T00:00:00Z'
      this.put(kind, marked)
      return
    }
    const { namespace = '', name } = object.metadata
    this.#remove(kind, pathOf(kind, namespace, name), object)
  }

  compact(): void {
    this.compactedTo = this.version
    this.history = []
  }

  snapshot(): () => void {
    const kept = { objects: [...this.objects], version: this.version }
    return () => {
      this.objects.clear()
      for (const [path, object] of kept.objects) this.objects.set(path, object)
      this.version = kept.version
      this.history = []
    }
  }

  #remove(kind: StoredKind, path: string, object: KubeObject): KubeObject {
    this.version += 1
    const before = structuredClone(object)
    before.metadata.resourceVersion = String(this.version)
    this.objects.delete(path)
    this.#tell({ version: this.version, kind: kindName(kind), before, after: undefined })
    return before
  }

  #tell(change: Change): void {
    this.history.push(change)
    for (const listener of this.listeners) listener(change)
  }
}

export const kindName = ({ group, plural }: StoredKind): string => `${group}/${plural}`

const pathOf = (kind: StoredKind, namespace: string, name: string): string => `${kindName(kind)}/${namespace}/${name}`
