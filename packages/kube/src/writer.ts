// Everything that we write: at a bounded rate, only while we may (a lease that was lost meanwhile stops it), and always
// what is wanted at that moment. Outages are waited out; an answer about the object is a value (`Written`).
import { setMaxListeners } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import { Fault, retry } from '@penstock/fault'
import { apiVersionOf } from '@penstock/gateway-api'
import type { ApiClient } from './api-client.ts'
import type { ApiObject, PlainObject } from './api-object.ts'
import { collectionPath, type ObjectRef, objectPath, type Query } from './api-path.ts'
import { createEventRecorder, type EventBody } from './event-recorder.ts'
import type { KubeEvents } from './kube-events.ts'
import type { KubeLimits } from './limits.ts'
import { mergePatch } from './merge-patch.ts'
import { createTokenBucket } from './token-bucket.ts'
import { gone, staleRead, unchanged, type Written, writtenBy } from './written.ts'

export interface WriterOptions {
  /** Who owns what is applied, and who reports Events. */
  readonly fieldManager: string
  /** Throws when we may write no more, which ends the write; asked right before every attempt. */
  guard?(): void
  /** Default 20; the writer's reads count too. */
  readonly writesPerSecond?: number
  /** Default 40. */
  readonly burst?: number
  /** Ends all waiting. */
  readonly signal?: AbortSignal
}

/** A function is asked right before every attempt, so that an old wish is never written; undefined: no more wanted. */
export type Wanted = PlainObject | (() => PlainObject | undefined)

export interface ApplyOptions {
  /** Take over fields that others own. Default false. */
  readonly force?: boolean
  /** In place of the writer's own. */
  readonly fieldManager?: string
  /** The object that is meant: another under its name is `gone`. Without it, `apply` creates what is missing. For a
   * status the server does not look at it, so `gone` is said when the other's status was written already. */
  readonly uid?: string
  /** The version that is meant: `conflict` without fields when somebody has written the object since. */
  readonly resourceVersion?: string
  /** None is meant: `conflict` without fields when there is one. Not with the two above. */
  readonly absent?: boolean
}

export interface ReplaceOptions {
  /** The object that is meant: another under its name is `gone`. */
  readonly uid?: string
  /** The version that is meant: `conflict` when somebody has written the object since. */
  readonly resourceVersion?: string
  /** Nothing is written: the answer is what would be, with the version that stands. */
  readonly dryRun?: boolean
  /** In place of the writer's own. */
  readonly fieldManager?: string
}

export interface DeleteOptions {
  readonly uid: string
  readonly resourceVersion?: string
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan'
}

export interface Writer {
  /** Server-side apply of everything but status; apiVersion, kind and name come from `ref`. */
  apply(ref: ObjectRef, body: Wanted, options?: ApplyOptions): Promise<Written>
  /** Server-side apply of the status alone. */
  applyStatus(ref: ObjectRef, status: Wanted, options?: ApplyOptions): Promise<Written>
  /** The new status, whole, from the object as it is now; for lists that are replaced as one (routes, policies). */
  editStatus(ref: ObjectRef, edit: (object: ApiObject) => PlainObject | undefined): Promise<Written>
  setFinalizer(ref: ObjectRef, finalizer: string, present: boolean): Promise<Written>
  delete(ref: ObjectRef, on: DeleteOptions): Promise<Written>
  /** Makes what is not there: `conflict` without fields when there is one. */
  create(ref: ObjectRef, body: Wanted): Promise<Written>
  /**
   * Writes all of an object that is there. Only for kinds that the server does not make when they are replaced; Secrets
   * and most others are such. The answer tells nothing of what stood there but its uid, its version, and by
   * `managedFields` which of our values it had already: a dry run is how to look at what one may write, but not read.
   */
  replace(ref: ObjectRef, body: Wanted, options?: ReplaceOptions): Promise<Written>
  /** Never waits and never fails; the same event is written once in a while. */
  event(event: EventBody): void
}

export interface WriterParts {
  readonly client: ApiClient
  readonly limits: KubeLimits
  readonly events: KubeEvents
  versionOf(ref: ObjectRef): string
  nowMs(): number
}

export function createWriter(parts: WriterParts, options: WriterOptions): Writer {
  const sender = createSender(parts, options)
  const { write, go, signal } = sender
  const { fieldManager: reporter } = options
  return {
    apply: (ref, body, on = {}) => write(ref, 'apply', () => apply(sender, ref, body, on)),
    applyStatus: (ref, status, on = {}) =>
      write(ref, 'apply_status', () => apply(sender, ref, status, { ...on, subresource: 'status' })),
    editStatus: (ref, edit) =>
      write(ref, 'edit_status', () => change(sender, ref, (object) => statusEdit(object, edit(object)))),
    setFinalizer: (ref, finalizer, present) =>
      write(ref, 'set_finalizer', () =>
        change(sender, ref, ({ metadata }) => finalizerEdit(metadata.finalizers ?? [], finalizer, present)),
      ),
    delete: (ref, on) => write(ref, 'delete', () => remove(sender, ref, on)),
    create: (ref, body) => write(ref, 'create', () => create(sender, ref, body)),
    replace: (ref, body, on = {}) =>
      write(ref, on.dryRun ? 'try_replace' : 'replace', () => replace(sender, ref, body, on)),
    event: createEventRecorder({ ...parts, reporter, signal, go }),
  }
}

interface Sender {
  readonly signal: AbortSignal
  readonly client: ApiClient
  versionOf(ref: ObjectRef): string
  /** Before each request: our turn, and the leave to write. */
  go(): Promise<void>
  /** Attempts until the server says something about the object. */
  write(ref: ObjectRef, verb: string, attempt: () => Promise<Written>): Promise<Written>
  send(request: WriteRequest): Promise<Written>
  patch(ref: ObjectRef, patch: Patch): Promise<Written>
}

function createSender({ client, limits, events, versionOf }: WriterParts, options: WriterOptions): Sender {
  const { fieldManager, guard, writesPerSecond = 20, burst = 40, signal = new AbortController().signal } = options
  // Every write under way listens.
  setMaxListeners(0, signal)
  const bucket = createTokenBucket(writesPerSecond, burst)
  const send = async ({ query, ...request }: WriteRequest): Promise<Written> => {
    const object = await client.request<ApiObject>({ ...request, signal, query: { fieldManager, ...query } })
    return { is: 'written', object }
  }
  return {
    signal,
    client,
    versionOf,
    async go() {
      await bucket.take(signal)
      try {
        guard?.()
      } catch (thrown) {
        throw new Denied(thrown)
      }
    },
    async write(ref, verb, attempt) {
      const kind = ref.kind.kind
      const answered = (thrown: unknown): Written | Denied => (thrown instanceof Denied ? thrown : writtenBy(thrown))
      const result = await retry(() => attempt().catch(answered), {
        signal,
        minDelayMs: limits.retryMinMs,
        maxDelayMs: limits.retryMaxMs,
        onFault: (fault) => events.fault(fault, { kind, verb }),
      })
      if (result instanceof Denied) throw result.cause
      events.wrote(kind, verb, result.is)
      return result
    },
    send,
    patch: (ref, { subresource, ...by }) =>
      send({ ...by, method: 'PATCH', path: objectPath(ref, versionOf(ref), subresource) }),
  }
}

/**
 * The guard's no, on its way past the loop that waits outages out: what is written after a wait would be what another
 * leader has long replaced.
 */
class Denied extends Fault {
  constructor(thrown: unknown) {
    const { code, message } = Fault.from(thrown)
    super(code, message, { cause: thrown })
  }
}

const contentOf = (wanted: Wanted): PlainObject | undefined => (typeof wanted === 'function' ? wanted() : wanted)

interface Application extends ApplyOptions {
  readonly subresource?: 'status'
}

async function apply(sender: Sender, ref: ObjectRef, wanted: Wanted, on: Application): Promise<Written> {
  await sender.go()
  const content = contentOf(wanted)
  if (!content) return unchanged
  const { subresource, force = false, fieldManager, uid, absent = false } = on
  const resourceVersion = absent ? versionOfNone : on.resourceVersion
  const meant = { ...(uid !== undefined && { uid }), ...(resourceVersion !== undefined && { resourceVersion }) }
  const body = wholeObject(ref, sender.versionOf(ref), subresource ? { status: content } : content, meant)
  const query = { force, ...(fieldManager === undefined ? {} : { fieldManager }) }
  const done = await sender.patch(ref, { subresource, contentType: applyPatch, body, query })
  // For a status the API server does not look at the uid.
  return done.is === 'written' && uid !== undefined && done.object.metadata.uid !== uid ? gone : done
}

/** Reads, edits and patches under the version that was read; when that is stale by then, all of it again. */
async function change(
  { client, signal, ...sender }: Sender,
  ref: ObjectRef,
  edit: (object: ApiObject) => Edit | undefined,
): Promise<Written> {
  await sender.go()
  // Through its status: that is what an account that only writes status may read.
  const path = objectPath(ref, sender.versionOf(ref), 'status')
  const object = await client.request<ApiObject>({ path, signal })
  const edited = edit(object)
  if (!edited) return unchanged
  const { uid, resourceVersion } = object.metadata
  const body = { ...edited.body, metadata: { ...edited.metadata, uid, resourceVersion } }
  await sender.go()
  return sender
    .patch(ref, { subresource: edited.subresource, contentType: mergePatchType, body })
    .catch((thrown: unknown) => {
      throw staleRead(thrown) ?? thrown
    })
}

async function remove(sender: Sender, ref: ObjectRef, on: DeleteOptions): Promise<Written> {
  const { uid, resourceVersion, propagation = 'Background' } = on
  await sender.go()
  const preconditions = { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) }
  const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions, propagationPolicy: propagation }
  const path = objectPath(ref, sender.versionOf(ref))
  await sender.client.request({ method: 'DELETE', path, body, signal: sender.signal })
  return gone
}

async function create(sender: Sender, ref: ObjectRef, wanted: Wanted): Promise<Written> {
  await sender.go()
  const content = contentOf(wanted)
  if (!content) return unchanged
  const version = sender.versionOf(ref)
  const path = collectionPath(ref.kind, version, ref.namespace)
  return sender.send({ method: 'POST', path, body: wholeObject(ref, version, content) })
}

async function replace(sender: Sender, ref: ObjectRef, wanted: Wanted, on: ReplaceOptions): Promise<Written> {
  await sender.go()
  const content = contentOf(wanted)
  if (!content) return unchanged
  const version = sender.versionOf(ref)
  const { dryRun = false, fieldManager, ...meant } = on
  const query = { ...(dryRun && { dryRun: 'All' }), ...(fieldManager !== undefined && { fieldManager }) }
  const path = objectPath(ref, version)
  return sender.send({ method: 'PUT', path, query, body: wholeObject(ref, version, content, meant) })
}

interface WriteRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH'
  readonly path: string
  readonly contentType?: string
  readonly body: PlainObject
  readonly query?: Query
}

interface Patch {
  readonly subresource: string | undefined
  readonly contentType: string
  readonly body: PlainObject
  readonly query?: Query
}

interface Edit {
  readonly subresource: string | undefined
  readonly body?: PlainObject
  readonly metadata?: PlainObject
}

/** That of the empty store, which no object ever has: what is not there yet is created whatever version is meant. */
const versionOfNone = '1'

/** JSON is YAML too. */
const applyPatch = 'application/apply-patch+yaml'
const mergePatchType = 'application/merge-patch+json'

function wholeObject(ref: ObjectRef, version: string, body: PlainObject, meant: PlainObject = {}): PlainObject {
  const { kind, namespace, name } = ref
  return {
    ...body,
    apiVersion: apiVersionOf(kind, version),
    kind: kind.kind,
    metadata: {
      ...(body['metadata'] as PlainObject | undefined),
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...meant,
    },
  }
}

function statusEdit(object: ApiObject, after: PlainObject | undefined): Edit | undefined {
  const before = (object['status'] ?? {}) as PlainObject
  if (!after || isDeepStrictEqual(before, after)) return undefined
  return { subresource: 'status', body: { status: mergePatch(before, after) } }
}

function finalizerEdit(before: readonly string[], finalizer: string, present: boolean): Edit | undefined {
  if (before.includes(finalizer) === present) return undefined
  const finalizers = present ? [...before, finalizer] : before.filter((each) => each !== finalizer)
  return { subresource: undefined, metadata: { finalizers } }
}
