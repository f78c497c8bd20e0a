// Writes as the real API server judges them: preconditions, the status apart from the rest, apply and merge patches.
import { conflict, notFound, Refused } from './fake-kube-answer.ts'
import { applied, bodyParts, leavesOf, sameAt } from './fake-kube-apply.ts'
import {
  type KubeObject,
  type KubeObjects,
  kindName,
  type ManagedFields,
  type StoredKind,
} from './fake-kube-objects.ts'

type Plain = Record<string, unknown>

export interface WriteRequest {
  readonly kind: StoredKind
  readonly namespace: string
  readonly name: string
  readonly subresource: string | undefined
  readonly query: URLSearchParams
  readonly contentType: string
  readonly body: Plain
}

export function create(objects: KubeObjects, request: WriteRequest): KubeObject {
  const { kind, namespace, body } = request
  const object = body as KubeObject
  const { name } = object.metadata
  if (objects.get(kind, namespace, name)) {
    throw new Refused(409, 'AlreadyExists', `${kind.plural} "${name}" already exists`, { name })
  }
  return objects.put(kind, own(request, undefined, checked(kind, fresh(kind, namespace, name, body))))
}

/** Of everything but status, and never of what is not there. */
export function replace(objects: KubeObjects, request: WriteRequest): KubeObject {
  const { kind, namespace, name, subresource, body } = request
  const live = objects.get(kind, namespace, name)
  if (subresource !== undefined) throw new Refused(405, 'MethodNotAllowed', `update of ${subresource}`)
  if (!live) throw notFound(kind, name)
  precondition(request, live, body['metadata'] as Plain | undefined)
  const { metadata, ...content } = fresh(kind, namespace, name, body)
  const { uid, resourceVersion, generation, creationTimestamp, deletionTimestamp } = live.metadata
  const kept = { uid, resourceVersion, generation, creationTimestamp, ...(deletionTimestamp && { deletionTimestamp }) }
  const next = { ...content, metadata: { ...metadata, ...kept } } as KubeObject
  checkKept(kind, live, next)
  return store(objects, request, live, own(request, live, next))
}

export function patch(objects: KubeObjects, request: WriteRequest): KubeObject {
  const { kind, namespace, name, contentType } = request
  const live = objects.get(kind, namespace, name)
  if (contentType === 'application/apply-patch+yaml') return apply(objects, request, live)
  if (!live) throw notFound(kind, name)
  if (contentType !== 'application/merge-patch+json') throw new Refused(415, 'UnsupportedMediaType', contentType)
  precondition(request, live, request.body['metadata'] as Plain | undefined)
  const merged = mergedWith(live, request.body) as KubeObject
  // `[{}]`: so somebody says that nobody shall keep track.
  if (merged.metadata.managedFields !== live.metadata.managedFields) {
    const { managedFields: _, ...metadata } = merged.metadata
    return store(objects, request, live, { ...merged, metadata })
  }
  return store(objects, request, live, own(request, live, merged))
}

/** Written to a copy; the version in the answer is the one that stands. */
export function tried(objects: KubeObjects, change: typeof replace, request: WriteRequest): KubeObject {
  const result = change(objects.copy(), request)
  const { kind, namespace } = request
  const { resourceVersion = '' } = objects.get(kind, namespace, result.metadata.name)?.metadata ?? {}
  return { ...result, metadata: { ...result.metadata, resourceVersion } }
}

export function remove(objects: KubeObjects, request: WriteRequest): KubeObject {
  const { kind, namespace, name, body } = request
  const live = objects.get(kind, namespace, name)
  if (!live) throw notFound(kind, name)
  const wanted = body['preconditions'] as Plain | undefined
  for (const field of ['uid', 'resourceVersion'] as const) {
    const expected = wanted?.[field]
    if (expected !== undefined && expected !== live.metadata[field]) {
      const word = field === 'uid' ? 'UID' : 'ResourceVersion'
      const message = `Precondition failed: ${word} in precondition: ${expected as string}, ${word} in object meta: ${live.metadata[field]}`
      throw conflict(kind, name, message)
    }
  }
  objects.delete(kind, live)
  return live
}

function apply(objects: KubeObjects, request: WriteRequest, live: KubeObject | undefined): KubeObject {
  const wrong = wrongField(request.kind, request.body)
  // So the real one answers, without a reason.
  if (wrong) throw new Refused(500, '', `failed to create typed patch object: .${wrong.field}: expected ${wrong.type}`)
  const { kind, namespace, name, subresource, query, body } = request
  const { uid, resourceVersion } = (body['metadata'] ?? {}) as Plain
  if (!live && subresource !== undefined) throw notFound(kind, name)
  if (live) precondition(request, live, { resourceVersion })
  // For a status the real one does not look at the uid.
  if (subresource === undefined && uid !== undefined && live?.metadata.uid !== uid) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${uid as string}, UID in object meta: ${live?.metadata.uid ?? ''}`,
    )
  }
  const manager = query.get('fieldManager')
  if (manager === null) throw new Refused(422, 'Invalid', 'fieldManager is required for apply patch')
  const result = applied(live ?? fresh(kind, namespace, name, {}), body, {
    manager,
    force: query.get('force') === 'true',
    subresource,
  })
  if ('fields' in result) {
    const causes = result.fields.map(({ field, manager: owner }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with "${owner}"`,
      field: `.${field.slice(1).replaceAll('/', '.').replaceAll('~1', '/')}`,
    }))
    throw new Refused(409, 'Conflict', `Apply failed with ${causes.length} conflicts`, { causes })
  }
  return store(objects, request, live, result.object)
}

function store(
  objects: KubeObjects,
  { kind, subresource }: WriteRequest,
  live: KubeObject | undefined,
  next: KubeObject,
): KubeObject {
  const object =
    live && subresource === 'status'
      ? {
          ...live,
          status: next['status'],
          metadata: { ...live.metadata, managedFields: next.metadata.managedFields ?? [] },
        }
      : next
  if (live && kind.hasStatus && subresource === undefined) {
    if (live['status'] === undefined) delete object['status']
    else object['status'] = live['status']
  }
  checked(kind, object)
  const whole = (each: KubeObject): string =>
    JSON.stringify({ ...each, metadata: { ...each.metadata, managedFields: owners(each) } })
  // A write that changes nothing makes no new version.
  if (live && whole(live) === whole(object)) return live
  return objects.put(kind, object)
}

/** Who owns what, in no order. */
const owners = ({ metadata }: KubeObject): string[] =>
  (metadata.managedFields ?? []).map((entry) => JSON.stringify({ ...entry, fields: entry.fields.toSorted() })).sort()

function precondition({ kind, name }: WriteRequest, live: KubeObject, wanted: Plain | undefined): void {
  if (wanted?.['uid'] !== undefined && wanted['uid'] !== live.metadata.uid) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${wanted['uid'] as string}, UID in object meta: ${live.metadata.uid}`,
    )
  }
  if (wanted?.['resourceVersion'] !== undefined && wanted['resourceVersion'] !== live.metadata.resourceVersion) {
    throw conflict(
      kind,
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    )
  }
}

/** Who changes a leaf by another way than apply owns it from then on, alone. */
function own({ query, subresource }: WriteRequest, live: KubeObject | undefined, next: KubeObject): KubeObject {
  const managed = live ? live.metadata.managedFields : []
  if (!managed) return next
  const parts = (object: KubeObject): Plain =>
    subresource ? { [subresource]: object[subresource] } : bodyParts(object)
  const [before, after] = [live ? parts(live) : {}, parts(next)]
  const leaves = leavesOf(after, '')
  const changed = leaves.filter((leaf) => !live || !sameAt(before, after, leaf))
  const isKept = (field: string): boolean =>
    field.startsWith('/status/') !== (subresource === 'status') || (leaves.includes(field) && !changed.includes(field))
  const manager = query.get('fieldManager') ?? 'unknown'
  const isOwn = (entry: ManagedFields): boolean =>
    entry.manager === manager && entry.operation === 'Update' && entry.subresource === subresource
  const left = managed.map((entry) => ({ ...entry, fields: entry.fields.filter(isKept) }))
  const fields = [...(left.find(isOwn)?.fields ?? []), ...changed]
  const entry = { manager, operation: 'Update' as const, ...(subresource && { subresource }), fields }
  const others = left.filter((each) => !isOwn(each) && each.fields.length > 0)
  next.metadata.managedFields = fields.length > 0 ? [...others, entry] : others
  return next
}

/** Fields that an object keeps for life. */
function checkKept(kind: StoredKind, live: KubeObject, next: KubeObject): void {
  const typeOf = (object: KubeObject): unknown => object['type'] ?? 'Opaque'
  const isFixed = live['immutable'] === true && !(next['immutable'] === true && sameAt(live, next, '/data'))
  const field = isFixed ? 'data' : 'type'
  if (kind.kind !== 'Secret' || (!isFixed && typeOf(live) === typeOf(next))) return
  const { name } = live.metadata
  const message = `${kind.kind} "${name}" is invalid: ${field}: field is immutable`
  throw new Refused(422, 'Invalid', message, { name, kind: kindName(kind), causes: [{ field }] })
}

function fresh(kind: StoredKind, namespace: string, name: string, body: Plain): KubeObject {
  const { status: _, ...rest } = body
  return {
    ...(kind.hasStatus ? rest : body),
    apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
    kind: kind.kind,
    metadata: {
      ...(body['metadata'] as Plain | undefined),
      name,
      ...(namespace === '' ? {} : { namespace }),
      uid: '',
      resourceVersion: '',
      generation: 1,
      creationTimestamp: '',
    },
  }
}

function mergedWith(target: unknown, change: unknown): unknown {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return change
  const result: Plain = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete result[name]
    else result[name] = mergedWith(result[name], value)
  }
  return result
}

function checked(kind: StoredKind, object: KubeObject): KubeObject {
  const wrong = wrongField(kind, object)
  if (!wrong) return object
  const { name } = object.metadata
  const message = `${kind.kind} "${name}" is invalid: ${wrong.field}: Invalid value: must be of type ${wrong.type}`
  throw new Refused(422, 'Invalid', message, { name, kind: kindName(kind), causes: [{ field: wrong.field }] })
}

/** The types of what a schema names directly in spec: enough to have something to refuse. */
function wrongField(kind: StoredKind, object: Plain): { field: string; type: string } | undefined {
  const schema = kind.schema as
    | { properties?: { spec?: { properties?: Record<string, { type?: string }> } } }
    | undefined
  for (const [name, value] of Object.entries((object['spec'] ?? {}) as Plain)) {
    const type = schema?.properties?.spec?.properties?.[name]?.type ?? ''
    const fits = { integer: Number.isInteger(value), string: typeof value === 'string' }[type] ?? true
    if (!fits) return { field: `spec.${name}`, type }
  }
  return undefined
}
