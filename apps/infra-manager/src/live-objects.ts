// What stands in the cluster of what we made: identities, who owns them, what they say of themselves, and a print of
// their content, so that an edit by somebody else is seen and a status is not taken for one.
import { createHash } from 'node:crypto'
import type { KindInfo } from '@penstock/gateway-api'
import type { AssignedAddress } from '@penstock/ir'
import type { ApiObject, Kube, ObjectChange, ObjectRef, Reflection } from '@penstock/kube'
import { addressesOf, type Replicas, replicasOf } from './object-status.ts'
import { fleetAnnotation, managedSelector, ownedKinds } from './owned-kinds.ts'
import { proxyName } from './proxy-names.ts'

export interface LiveObject {
  readonly ref: ObjectRef
  readonly uid: string
  readonly resourceVersion: string
  readonly fleet: string
  /** The uid of the Gateway; undefined: somebody took that off. */
  readonly owner: string | undefined
  readonly content: string
  /** Of a Service. */
  readonly addresses: readonly AssignedAddress[]
  /** Of a workload. */
  readonly replicas: Replicas
}

export interface LiveObjects extends AsyncDisposable {
  /** Every kind was listed, or cannot be. */
  readonly known: boolean
  of(fleet: string): readonly LiveObject[]
  fleets(): Iterable<string>
}

export interface LiveObjectsOptions {
  readonly kube: Pick<Kube, 'reflect'>
  /** Whose objects. */
  readonly install: string
  /** Where; none: everywhere. */
  readonly namespaces: readonly string[]
  /** `edited`: it is not only that something says more of itself. */
  onChange(fleet: string, edited: boolean): void
  onKnown(): void
}

export function createLiveObjects(options: LiveObjectsOptions): LiveObjects {
  const { kube, install, namespaces, onChange, onKnown } = options
  const byFleet = new Map<string, Map<string, LiveObject>>()
  const byKey = new Map<string, LiveObject>()
  const reflections: Reflection<LiveObject>[] = []
  const isKnown = (): boolean =>
    reflections.length === ownedKinds.length && reflections.every(({ state }) => state.is !== 'unknown')

  function take({ key, value }: ObjectChange<LiveObject>): void {
    const before = byKey.get(key)
    if (before && before.fleet !== value?.fleet) {
      const objects = byFleet.get(before.fleet)
      objects?.delete(key)
      if (objects?.size === 0) byFleet.delete(before.fleet)
      onChange(before.fleet, true)
    }
    if (value === undefined) {
      byKey.delete(key)
      return
    }
    byKey.set(key, value)
    const objects = byFleet.get(value.fleet) ?? new Map<string, LiveObject>()
    byFleet.set(value.fleet, objects.set(key, value))
    onChange(value.fleet, before?.content !== value.content)
  }

  for (const kind of ownedKinds) {
    const reflection = kube.reflect<LiveObject>({
      kind,
      scope: { namespaces, labelSelector: managedSelector(install) },
      transform: (object) => liveObject(kind, object),
      onChange: (changes) => changes.forEach(take),
      onState: () => queueMicrotask(() => isKnown() && onKnown()),
    })
    reflections.push(reflection)
  }
  return {
    get known() {
      return isKnown()
    },
    of: (fleet) => [...(byFleet.get(fleet)?.values() ?? [])],
    fleets: () => byFleet.keys(),
    async [Symbol.asyncDispose]() {
      await Promise.all(reflections.map((reflection) => reflection[Symbol.asyncDispose]()))
    },
  }
}

/**
 * Somebody else's, though it carries our labels, names no fleet, or one whose objects are called otherwise or are in
 * another namespace: who may write in one namespace must not speak for a fleet of another.
 */
function liveObject(kind: KindInfo, object: ApiObject): LiveObject | undefined {
  const { name, namespace = '', uid, resourceVersion, annotations = {}, labels, ownerReferences = [] } = object.metadata
  const fleet = annotations[fleetAnnotation]
  if (fleet === undefined || !isPlaceOf(fleet, namespace, name)) return undefined
  // A list and a watch have these two in another order, and one text is wanted of both.
  const { status: _, metadata: _metadata, apiVersion: _version, kind: _kind, ...content } = object
  return {
    ref: { kind, namespace, name },
    ...{ uid, resourceVersion, fleet },
    owner: ownerReferences.find((owner) => owner.kind === 'Gateway')?.uid,
    content: createHash('sha256')
      .update(JSON.stringify([content, labels, annotations, ownerReferences]))
      .digest('base64'),
    addresses: addressesOf(object),
    replicas: replicasOf(object),
  }
}

/** Of the fleet of one Gateway, `<namespace>~<gateway>`: no others have objects. */
function isPlaceOf(fleet: string, namespace: string, name: string): boolean {
  const [home, gateway, ...rest] = fleet.split('~')
  return home === namespace && gateway !== undefined && rest.length === 0 && proxyName(gateway) === name
}
