// Where requests can go.
import type { BackendReference } from './reference-tables.ts'

export type Target =
  | { readonly is: 'service'; readonly service: string; readonly port: number }
  | { readonly is: 'backend'; readonly key: string }
  | { readonly is: 'group'; readonly key: string }
  /** Names nothing: 500. */
  | { readonly is: 'invalid' }

export function acceptReference(reference: BackendReference | undefined): Target {
  switch (reference?.kind?.is) {
    case 'service': {
      const { namespace, hostname } = reference.kind.value
      return { is: 'service', service: `${namespace}/${hostname}`, port: reference.port }
    }
    case 'backend':
      return { is: 'backend', key: reference.kind.value }
    default:
      return { is: 'invalid' }
  }
}
