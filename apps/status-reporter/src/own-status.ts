// What of an object's status is ours, as far as a reader can tell: our entries, and in them the conditions that we know.
// Everything else is others' and stays as it is.
import { isDeepStrictEqual } from 'node:util'
import { type ConditionOwner, conditions as vocabulary } from '@penstock/gateway-api'
import type { ApiObject, PlainObject } from '@penstock/kube'
import { routeProgrammed, type StatusCondition } from './condition.ts'
import type { ObjectStatus } from './status-document.ts'

/** In one order, whoever wrote it, and without what is empty: two that say the same are equal. */
export function ownStatus(object: ApiObject, controllerName: string): ObjectStatus {
  const { addresses, ancestors, attachedListenerSets, conditions, listeners, parents, supportedFeatures } =
    statusOf(object)
  const owner = object.kind as ConditionOwner
  return inOrder({
    ...{ addresses, attachedListenerSets, supportedFeatures },
    conditions: conditions?.filter(isOurs(owner)),
    listeners: listeners?.map(({ name, attachedRoutes, supportedKinds, conditions: all }) => {
      return { name, attachedRoutes, supportedKinds, conditions: all.filter(isOurs('Listener')) }
    }),
    parents: ownEntries(parents, 'RouteParent', controllerName),
    ancestors: ownEntries(ancestors, owner, controllerName),
  })
}

/** In a list that controllers share. */
interface Entry {
  readonly controllerName: string
  readonly conditions: readonly StatusCondition[]
}

const ownEntries = <E extends Entry>(
  entries: readonly E[] | undefined,
  owner: ConditionOwner,
  controllerName: string,
) =>
  entries
    ?.filter((entry) => entry.controllerName === controllerName)
    .map((entry) => ({ ...entry, conditions: entry.conditions.filter(isOurs(owner)) }))

type Lists = { readonly [Name in keyof ObjectStatus]: ObjectStatus[Name] | undefined }

export function inOrder(lists: Lists): ObjectStatus {
  const { addresses, ancestors, attachedListenerSets, conditions, listeners, parents, supportedFeatures } = lists
  const by =
    <T>(name: (item: T) => string) =>
    (a: T, b: T) =>
      name(a) < name(b) ? -1 : 1
  const sorted = (all: readonly StatusCondition[]) => all.toSorted(by(({ type }) => type))
  const entries = <E extends Entry>(all: readonly E[], ref: (entry: E) => object) =>
    all
      .map((entry) => ({ ...entry, conditions: sorted(entry.conditions) }))
      .sort(by((entry) => JSON.stringify(Object.entries(ref(entry)).sort())))
  return {
    ...(isFilled(addresses) ? { addresses } : {}),
    ...(attachedListenerSets === undefined ? {} : { attachedListenerSets }),
    ...(isFilled(conditions) ? { conditions: sorted(conditions) } : {}),
    ...(isFilled(listeners)
      ? {
          listeners: listeners
            .map((listener) => ({ ...listener, conditions: sorted(listener.conditions) }))
            .sort(by(({ name }) => name)),
        }
      : {}),
    ...(isFilled(parents) ? { parents: entries(parents, ({ parentRef }) => parentRef) } : {}),
    ...(isFilled(ancestors) ? { ancestors: entries(ancestors, ({ ancestorRef }) => ancestorRef) } : {}),
    ...(isFilled(supportedFeatures) ? { supportedFeatures } : {}),
  }
}

const isFilled = <T>(list: readonly T[] | undefined): list is readonly T[] => list !== undefined && list.length > 0

/** The latest that it speaks of; 0: of none. */
export function latestGeneration({ conditions = [], ...lists }: ObjectStatus): number {
  const { listeners = [], parents = [], ancestors = [] } = lists
  const all = [conditions, ...[...listeners, ...parents, ...ancestors].map((one) => one.conditions)].flat()
  return Math.max(0, ...all.map(({ observedGeneration }) => observedGeneration))
}

/**
 * The object's status with those of `own` as our parents or ancestors: each in its old place, new ones last, those of
 * others untouched. Undefined: there is nothing of ours to say or to take back.
 */
export function withOwnEntries(object: ApiObject, own: ObjectStatus, controllerName: string): PlainObject | undefined {
  const status = statusOf(object)
  if (object.kind.endsWith('Policy')) {
    const owner = object.kind as ConditionOwner
    const ancestors = merge(status.ancestors, own.ancestors, {
      owner,
      controllerName,
      ref: (entry) => entry.ancestorRef,
    })
    return ancestors && { ...status, ancestors }
  }
  const owner = 'RouteParent'
  const parents = merge(status.parents, own.parents, { owner, controllerName, ref: (entry) => entry.parentRef })
  return parents && { ...status, parents }
}

interface Owned<E> {
  readonly owner: ConditionOwner
  readonly controllerName: string
  ref(entry: E): unknown
}

function merge<E extends Entry>(
  standing: readonly E[] = [],
  own: readonly E[] = [],
  { owner, controllerName, ref }: Owned<E>,
): E[] | undefined {
  if (own.length === 0 && standing.every((entry) => entry.controllerName !== controllerName)) return undefined
  const left = new Set(own)
  const kept = standing.flatMap((entry) => {
    if (entry.controllerName !== controllerName) return [entry]
    const mine = [...left].find((one) => isDeepStrictEqual(ref(one), ref(entry)))
    if (!mine) return []
    left.delete(mine)
    const foreign = entry.conditions.filter((condition) => !isOurs(owner)(condition))
    return [{ ...mine, conditions: [...mine.conditions, ...foreign] }]
  })
  return [...kept, ...left]
}

/** Who else wrote something of the object's status, as far as the API server notes it. */
export function otherWriters({ metadata }: ApiObject, fieldManager: string): readonly string[] {
  const { managedFields = [] } = metadata as { managedFields?: readonly { manager?: string; subresource?: string }[] }
  const writers = managedFields.flatMap(({ manager, subresource }) => (subresource === 'status' ? [manager ?? ''] : []))
  return [...new Set(writers)].filter((manager) => manager !== fieldManager).sort()
}

const statusOf = (object: ApiObject): ObjectStatus => object['status'] ?? {}

const isOurs =
  (owner: ConditionOwner) =>
  ({ type }: StatusCondition): boolean =>
    type === routeProgrammed || type in (vocabulary[owner] ?? {})
