// Counts the records of each object, so that an edit which leaves none of them is told as a removal.
import { type IrRecord, sourceKey } from '@penstock/ir'

export interface ObjectCensus {
  /** Keys of the objects that these changes leave without any record. */
  left(changes: readonly { readonly key: string; readonly value: IrRecord | undefined }[]): Set<string>
}

export function createObjectCensus(): ObjectCensus {
  const ownerOf = new Map<string, string>()
  const counts = new Map<string, number>()
  const count = (object: string, more: 1 | -1): void => {
    const now = (counts.get(object) ?? 0) + more
    if (now === 0) counts.delete(object)
    else counts.set(object, now)
  }
  return {
    left(changes) {
      const touched = new Set<string>()
      for (const { key, value } of changes) {
        const before = ownerOf.get(key)
        const owner = value?.value.source && sourceKey(value.value.source)
        if (before === owner) continue
        if (owner === undefined) ownerOf.delete(key)
        else ownerOf.set(key, owner)
        if (owner !== undefined) count(owner, 1)
        if (before === undefined) continue
        count(before, -1)
        touched.add(before)
      }
      return new Set([...touched].filter((object) => !counts.has(object)))
    },
  }
}
