// Statuses in Kubernetes (design section 8): lists that merge by key are applied, those that are replaced as a whole are
// read and edited; what others say of an object stays, and nothing older replaces something newer.
import { isDeepStrictEqual } from 'node:util'
import { Fault } from '@penstock/fault'
import { apiVersionOf, gatewayClassFinalizer, kindInfo, parseObjectKey } from '@penstock/gateway-api'
import { type Source, sourceKey } from '@penstock/ir'
import type { ApiObject, ObjectRef, PlainObject, Writer, Written } from '@penstock/kube'
import { inOrder, latestGeneration, otherWriters, ownStatus, withOwnEntries } from './own-status.ts'
import type { Render, StatusTarget, WantedStatus } from './status-target.ts'

export interface ClusterTargetOptions {
  readonly writer: Writer
  readonly fieldManager: string
  readonly controllerName: string
  /** The API server finds something of ours invalid: a bug of ours. */
  onRefused(source: Source, message: string): void
  /** Somebody else wrote what is ours; it is written anew. `by`: who else writes that status. */
  onOverwritten(source: Source, by: readonly string[]): void
}

/** What stands there, as far as it is ours. */
interface Standing extends WantedStatus {
  readonly uid: string
  /** Of the whole object; an application counts on it. */
  readonly resourceVersion: string | undefined
  /** The latest generation that was judged. */
  readonly judged: number
}

export function createClusterTarget(options: ClusterTargetOptions): StatusTarget {
  return new ClusterTarget(options)
}

class ClusterTarget implements StatusTarget {
  readonly #options: ClusterTargetOptions
  readonly #standing = new Map<string, Standing>()
  /** Of these nobody is asked again; the others may have been changed since. */
  readonly #trusted = new Set<string>()

  constructor(options: ClusterTargetOptions) {
    this.#options = options
  }

  async write(source: Source, render: Render): Promise<boolean> {
    const known = this.#known(source)
    if (known && isSaidBy(render(known.status), known)) return false
    const written = isReplacedWhole(source.kind)
      ? await this.#editEntries(source, render)
      : await this.#apply(source, known, render)
    if (written.is === 'gone' || written.is === 'refused' || written.is === 'conflict') {
      this.#forgetOne(sourceKey(source))
      if (written.is !== 'gone') this.#options.onRefused(source, written.message)
    }
    return written.is === 'written'
  }

  async remove(key: string): Promise<void> {
    const { writer, controllerName } = this.#options
    this.#forgetOne(key)
    const ref = refOf(parseObjectKey(key))
    try {
      if (isReplacedWhole(ref.kind.kind)) {
        await writer.editStatus(ref, (object) => withOwnEntries(object, {}, controllerName))
      } else await this.#withdraw(ref)
    } catch (thrown) {
      // With its kind goes every object.
      if (!(thrown instanceof Fault && thrown.code === 'kube_not_found')) throw thrown
    }
  }

  /**
   * What nobody wants a status for is gone, or another controller's: we have no right to look for it. But another of us
   * may have led in between, and written.
   */
  async sweep(): Promise<void> {
    this.#standing.clear()
    this.#trusted.clear()
  }

  forget(): void {
    this.#trusted.clear()
  }

  warn(source: Source, reason: string, note: string): void {
    const { kind, namespace, name, uid } = source
    const apiVersion = apiVersionOf(refOf(source).kind)
    const regarding = { apiVersion, kind, metadata: { name, uid, ...(namespace === '' ? {} : { namespace }) } }
    this.#options.writer.event({ regarding, type: 'Warning', reason, action: 'Translate', note })
  }

  /** Undefined: it has to be read. A generation that went back did so in an older store, and the status with it. */
  #known(source: Source): Standing | undefined {
    const key = sourceKey(source)
    const standing = this.#trusted.has(key) ? this.#standing.get(key) : undefined
    return standing?.uid === source.uid && standing.judged <= source.generation ? standing : undefined
  }

  /** Through the status, which is all that our account may read. */
  async #read(source: Source): Promise<Standing | undefined> {
    const seen: { standing?: Standing } = {}
    await this.#options.writer.editStatus(refOf(source), (object) => {
      seen.standing = this.#see(source, object)
      return undefined
    })
    return seen.standing
  }

  /**
   * What another of us, or anybody, wrote since the object was read stays: a leader may be frozen, or its request be on its
   * way, for longer than its lease lasts.
   */
  async #apply(source: Source, trusted: Standing | undefined, render: Render): Promise<Written> {
    // Edited since, it has another version.
    const isCurrent = trusted?.judged === source.generation
    for (let known = isCurrent ? trusted : undefined; ; known = undefined) {
      known ??= await this.#read(source)
      const written = await this.#applyOnto(source, known, render)
      if (written.is !== 'conflict') return written
    }
  }

  async #applyOnto(source: Source, known: Standing | undefined, render: Render): Promise<Written> {
    const { writer } = this.#options
    if (known?.uid !== source.uid) return { is: 'unchanged' }
    const wanted = known.judged > source.generation ? undefined : render(known.status)
    if (!wanted) return { is: 'unchanged' }
    const [ref, status] = [refOf(source), inOrder(wanted.status)]
    const finalized = await this.#writeFinalizer(source, known, wanted)
    if (finalized.is === 'gone' || finalized.is === 'refused') return finalized
    const { uid, resourceVersion } = known
    const written: Written = isDeepStrictEqual(status, known.status)
      ? { is: 'unchanged' }
      : await writer.applyStatus(ref, status as PlainObject, {
          force: true,
          uid,
          ...(resourceVersion !== undefined && { resourceVersion }),
        })
    if (written.is === 'conflict') return written
    const version = written.is === 'written' ? written.object.metadata.resourceVersion : resourceVersion
    this.#stands(source, { ...wanted, status }, version)
    return written
  }

  /** As `#apply`. */
  async #withdraw(ref: ObjectRef): Promise<void> {
    for (;;) {
      let resourceVersion = ''
      const read = await this.#options.writer.editStatus(ref, ({ metadata }) => {
        resourceVersion = metadata.resourceVersion
        return undefined
      })
      if (read.is === 'gone') return
      if ((await this.#options.writer.applyStatus(ref, {}, { resourceVersion })).is !== 'conflict') return
    }
  }

  async #editEntries(source: Source, render: Render): Promise<Written> {
    const { writer, controllerName } = this.#options
    let wanted: WantedStatus | undefined
    const written = await writer.editStatus(refOf(source), (object) => {
      const { uid, judged, status } = this.#see(source, object)
      wanted = uid !== source.uid || judged > source.generation ? undefined : render(status)
      return wanted && withOwnEntries(object, wanted.status, controllerName)
    })
    if (wanted) this.#stands(source, { ...wanted, status: inOrder(wanted.status) }, undefined)
    return written
  }

  async #writeFinalizer(source: Source, before: WantedStatus, wanted: WantedStatus): Promise<Written> {
    const present = wanted.finalizers.includes(gatewayClassFinalizer)
    if (present === before.finalizers.includes(gatewayClassFinalizer)) return { is: 'unchanged' }
    return this.#options.writer.setFinalizer(refOf(source), gatewayClassFinalizer, present)
  }

  #see(source: Source, object: ApiObject): Standing {
    const { controllerName, fieldManager, onOverwritten } = this.#options
    const { uid, resourceVersion, generation = 0, finalizers = [] } = object.metadata
    const ours = finalizers.filter((finalizer) => finalizer === gatewayClassFinalizer)
    const status = ownStatus(object, controllerName)
    // A generation that the object has not reached was judged before the store became an older one.
    const judged = Math.min(latestGeneration(status), generation)
    const seen = { uid, resourceVersion, judged, status, finalizers: ours }
    const before = this.#standing.get(sourceKey(source))
    if (before?.uid === uid && uid === source.uid && !isDeepStrictEqual(before.status, seen.status)) {
      onOverwritten(source, otherWriters(object, fieldManager))
    }
    this.#standing.set(sourceKey(source), seen)
    return seen
  }

  #stands(source: Source, wanted: WantedStatus, resourceVersion: string | undefined): void {
    const key = sourceKey(source)
    const judged = latestGeneration(wanted.status)
    this.#standing.set(key, { ...wanted, uid: source.uid, resourceVersion, judged })
    this.#trusted.add(key)
  }

  #forgetOne(key: string): void {
    this.#standing.delete(key)
    this.#trusted.delete(key)
  }
}

/** Its entries are one list to the API server (Gateway API: RouteStatus.parents, PolicyStatus.ancestors are atomic). */
const isReplacedWhole = (kind: string): boolean => kind.endsWith('Route') || kind.endsWith('Policy')

/** Nothing wanted is said by whatever stands. */
function isSaidBy(wanted: WantedStatus | undefined, { status, finalizers }: Standing): boolean {
  if (!wanted) return true
  return isDeepStrictEqual(inOrder(wanted.status), status) && isDeepStrictEqual(wanted.finalizers, finalizers)
}

function refOf({ group, kind, namespace, name }: Pick<Source, 'group' | 'kind' | 'namespace' | 'name'>): ObjectRef {
  const info = kindInfo(group, kind)
  if (!info) throw new Error(`no kind is named ${kind} of group ${group}`)
  return { kind: info, name, ...(namespace === '' ? {} : { namespace }) }
}
