// The fields of a ConfigMap that we read (core v1).
import type { Resource } from './resource.ts'

export interface ConfigMap extends Resource<'ConfigMap'> {
  readonly data?: Readonly<Record<string, string>>
  /** Base64. */
  readonly binaryData?: Readonly<Record<string, string>>
}
