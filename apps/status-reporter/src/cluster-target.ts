// Statuses in Kubernetes (design section 8): lists that merge by key are applied, those that are replaced as a whole are
// read and edited; what others say of an object stays, and nothing older replaces something newer.
import { isDeepStrictEqual } from 'node:util'
import { apiVersionOf, kindInfo, parseObjectKey } from '@penstock/gateway-api'
import { type Source, sourceKey } from '@penstock/ir'
import type { ApiObject, ObjectRef, PlainObject, Writer, Written } from '@penstock/kube'
import { inOrder, isOlder, ownStatus, withParents } from './own-status.ts'
import type { Render, StatusTarget, WantedStatus } from './status-target.ts'

export interface ClusterTargetOptions {
  readonly writer: Writer
  readonly controllerName: string
  /** The API server finds a status of ours invalid: a bug of ours. */
  onRefused(source: Source, message: string): void
}

/** What stands there, as far as it is ours. */
interface Standing extends WantedStatus {
  readonly uid: string
}

export function createClusterTarget({ writer, controllerName, onRefused }: ClusterTargetOptions): StatusTarget {
  const standing = new Map<string, Standing>()

  /** Through the status, which is all that our account may read. */
  async function read(ref: ObjectRef): Promise<Standing | undefined> {
    const seen: { object?: ApiObject } = {}
    await writer.editStatus(ref, (object) => {
      seen.object = object
      return undefined
    })
    if (!seen.object) return undefined
    const { uid, finalizers = [] } = seen.object.metadata
    return { uid, status: ownStatus(seen.object, controllerName), finalizers: finalizers.filter(isOurs) }
  }

  async function writeStatus(ref: ObjectRef, source: Source, wanted: WantedStatus, render: Render): Promise<Written> {
    if (!isReplacedWhole(source.kind)) {
      return writer.applyStatus(ref, wanted.status as PlainObject, { force: true, uid: source.uid })
    }
    return writer.editStatus(ref, (object) => {
      const before = ownStatus(object, controllerName)
      if (object.metadata.uid !== source.uid || isOlder(source.generation, before)) return undefined
      const now = render(before)
      return now && withParents(object, now.status.parents ?? [], controllerName)
    })
  }

  async function writeFinalizers(ref: ObjectRef, before: WantedStatus, wanted: WantedStatus): Promise<void> {
    for (const finalizer of new Set([...before.finalizers, ...wanted.finalizers])) {
      const present = wanted.finalizers.includes(finalizer)
      if (present !== before.finalizers.includes(finalizer)) await writer.setFinalizer(ref, finalizer, present)
    }
  }

  return {
    async write(source, render) {
      const [key, ref] = [sourceKey(source), refOf(source)]
      let known = standing.get(key)
      if (known?.uid !== source.uid) known = await read(ref)
      standing.delete(key)
      if (known?.uid !== source.uid) return false
      standing.set(key, known)
      const rendered = render(known.status)
      if (!rendered || isOlder(source.generation, known.status)) return false
      const wanted = { ...rendered, status: inOrder(rendered.status) }
      await writeFinalizers(ref, known, wanted)
      if (isDeepStrictEqual(wanted.status, known.status)) {
        standing.set(key, { ...wanted, uid: source.uid })
        return false
      }
      const written = await writeStatus(ref, source, wanted, render)
      if (written.is === 'written' || written.is === 'unchanged') standing.set(key, { ...wanted, uid: source.uid })
      else standing.delete(key)
      if (written.is === 'refused') onRefused(source, written.message)
      return written.is === 'written'
    },
    async remove(key) {
      standing.delete(key)
      const ref = refOf(parseObjectKey(key))
      if (isReplacedWhole(ref.kind.kind)) {
        await writer.editStatus(ref, (object) => withParents(object, [], controllerName))
      } else await writer.applyStatus(ref, {})
    },
    // What nobody wants a status for is gone, or another controller's: we have no right to look for it.
    async sweep() {},
    forget: () => standing.clear(),
    warn(source, reason, note) {
      const { kind, namespace, name, uid } = source
      const apiVersion = apiVersionOf(refOf(source).kind)
      const regarding = { apiVersion, kind, metadata: { name, uid, ...(namespace === '' ? {} : { namespace }) } }
      writer.event({ regarding, type: 'Warning', reason, action: 'Translate', note })
    },
  }
}

/** Its parents are one list to the API server (Gateway API: RouteStatus.parents is atomic). */
const isReplacedWhole = (kind: string): boolean => kind.endsWith('Route')

const isOurs = (finalizer: string): boolean => finalizer.endsWith('.gateway.networking.k8s.io')

function refOf({ group, kind, namespace, name }: Pick<Source, 'group' | 'kind' | 'namespace' | 'name'>): ObjectRef {
  const info = kindInfo(group, kind)
  if (!info) throw new Error(`no kind is named ${kind} of group ${group}`)
  return { kind: info, name, ...(namespace === '' ? {} : { namespace }) }
}
