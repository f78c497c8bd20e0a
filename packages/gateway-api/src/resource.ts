// What every Kubernetes object has in common, once it was read and admitted.
import type { ObjectMeta } from './object-meta.ts'

export interface Resource<K extends string = string> {
  readonly apiVersion: string
  readonly kind: K
  readonly metadata: ObjectMeta
}
