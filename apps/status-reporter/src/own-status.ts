// What of an object's status is ours, as far as a reader can tell: our entries, and in them the conditions that we know.
// Everything else is others' and stays as it is.
import { isDeepStrictEqual } from 'node:util'
import { type ConditionOwner, conditions as vocabulary } from '@penstock/gateway-api'
import type { ApiObject, PlainObject } from '@penstock/kube'
import { routeProgrammed, type StatusCondition } from './condition.ts'
import type { ObjectStatus } from './status-document.ts'

type Parents = NonNullable<ObjectStatus['parents']>

/** In one order, whoever wrote it, and without what is empty: two that say the same are equal. */
export function ownStatus(object: ApiObject, controllerName: string): ObjectStatus {
  const { addresses, attachedListenerSets, conditions, listeners, parents, supportedFeatures } = statusOf(object)
  const owner = object.kind as ConditionOwner
  return inOrder({
    ...{ addresses, attachedListenerSets, supportedFeatures },
    conditions: conditions?.filter(isOurs(owner)),
    listeners: listeners?.map(({ name, attachedRoutes, supportedKinds, conditions: all }) => {
      return { name, attachedRoutes, supportedKinds, conditions: all.filter(isOurs('Listener')) }
    }),
    parents: parents
      ?.filter((parent) => parent.controllerName === controllerName)
      .map((parent) => ({ ...parent, conditions: parent.conditions.filter(isOurs('RouteParent')) })),
  })
}

type Lists = { readonly [Name in keyof ObjectStatus]: ObjectStatus[Name] | undefined }

export function inOrder(status: Lists): ObjectStatus {
  const { addresses, attachedListenerSets, conditions, listeners, parents, supportedFeatures } = status
  const by =
    <T>(name: (item: T) => string) =>
    (a: T, b: T) =>
      name(a) < name(b) ? -1 : 1
  const sorted = (all: readonly StatusCondition[]) => all.toSorted(by(({ type }) => type))
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
    ...(isFilled(parents)
      ? {
          parents: parents
            .map((parent) => ({ ...parent, conditions: sorted(parent.conditions) }))
            .sort(by(({ parentRef }) => JSON.stringify(Object.entries(parentRef).sort()))),
        }
      : {}),
    ...(isFilled(supportedFeatures) ? { supportedFeatures } : {}),
  }
}

const isFilled = <T>(list: readonly T[] | undefined): list is readonly T[] => list !== undefined && list.length > 0

/** The latest that it speaks of; 0: of none. */
export function latestGeneration({ conditions = [], listeners = [], parents = [] }: ObjectStatus): number {
  const all = [conditions, ...listeners.map((one) => one.conditions), ...parents.map((one) => one.conditions)].flat()
  return Math.max(0, ...all.map(({ observedGeneration }) => observedGeneration))
}

/**
 * The object's status with `own` as our parents: each in its old place, new ones last, those of others untouched.
 * Undefined: there is nothing of ours to say or to take back.
 */
export function withParents(object: ApiObject, own: Parents, controllerName: string): PlainObject | undefined {
  const status = statusOf(object)
  const { parents = [] } = status
  if (own.length === 0 && parents.every((parent) => parent.controllerName !== controllerName)) return undefined
  const left = new Set(own)
  const kept = parents.flatMap((parent) => {
    if (parent.controllerName !== controllerName) return [parent]
    const mine = [...left].find(({ parentRef }) => isDeepStrictEqual(parentRef, parent.parentRef))
    if (!mine) return []
    left.delete(mine)
    const foreign = parent.conditions.filter((condition) => !isOurs('RouteParent')(condition))
    return [{ ...mine, conditions: [...mine.conditions, ...foreign] }]
  })
  return { ...status, parents: [...kept, ...left] }
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
