// A backend's record comes with the first rule that names it and goes with the last: then nobody edited the backend, and
// nobody waits to hear that it is live.
import { type IrRecord, kindOf } from '@penstock/ir'

export interface BackendCensus {
  /** Names of the objects whose backend records these changes add or remove; none that they merely change. */
  comeOrGo(changes: readonly { readonly key: string; readonly value: IrRecord | undefined }[]): Set<string>
}

export function createBackendCensus(): BackendCensus {
  const present = new Set<string>()
  return {
    comeOrGo(changes) {
      const names = new Set<string>()
      for (const { key, value } of changes) {
        if (kindOf(key) !== 'backend') continue
        const [, kind = '', namespace = '', name = ''] = key.split('/')
        if (!value || !present.has(key)) names.add(objectName({ kind, namespace, name }))
        if (value) present.add(key)
        else present.delete(key)
      }
      return names
    },
  }
}

export const objectName = ({ kind, namespace, name }: { kind: string; namespace: string; name: string }): string =>
  `${kind}/${namespace}/${name}`
