// HTTPPathModifier (Gateway API), in redirects and rewrites alike.
import type { PathEdit } from '@penstock/ir'
import type { RequestRedirect } from './gen/agentgateway/policy.ts'

/**
 * The proxy joins a new prefix and the rest of the path as they are, but that it puts one slash where it would have none
 * or two; so a prefix goes without a slash at its end, and "/" as nothing.
 */
export function emitPathEdit(edit: PathEdit | undefined): RequestRedirect['path'] {
  if (edit?.edit === undefined) return undefined
  if (edit.edit.$case === 'replaceFull') return { $case: 'full', value: absolute(edit.edit.value) }
  const prefix = edit.edit.value.replace(/\/+$/, '')
  return { $case: 'prefix', value: prefix === '' ? '' : absolute(prefix) }
}

const absolute = (path: string): string => (path.startsWith('/') ? path : `/${path}`)
