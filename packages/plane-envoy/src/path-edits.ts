// HTTPPathModifier (Gateway API): what Envoy calls a rewrite, for redirects and rewrites alike.
import type { PathEdit } from '@penstock/ir'
import type { RegexMatchAndSubstitute } from './gen/envoy/type/matcher/v3/regex.ts'

export type PathRewrite =
  | { readonly $case: 'full'; readonly value: string }
  | { readonly $case: 'prefix'; readonly value: string }
  | { readonly $case: 'regex'; readonly value: RegexMatchAndSubstitute }

/** `prefix` is what the route's match matched by; undefined: nothing to do. */
export function emitPathEdit(edit: PathEdit | undefined, prefix: string | undefined): PathRewrite | undefined {
  if (edit?.edit === undefined) return undefined
  if (edit.edit.$case === 'replaceFull') return { $case: 'full', value: absolute(edit.edit.value) }
  return prefix === undefined ? undefined : replacePrefix(prefix, edit.edit.value)
}

/** A full path as a rewrite of any path, for where Envoy has no field for one. */
export function fullPathRegex(path: string): RegexMatchAndSubstitute {
  return { pattern: { regex: '^/.*$' }, substitution: path.replaceAll('\\', '\\\\') }
}

/**
 * By path element and with one slash between what replaces and what stays (the table at HTTPPathModifier):
 * "/foo/bar" with "/foo" → "/xyz/" is "/xyz/bar", with "/foo" → "/" is "/bar"; "/foo" with "/foo" → "" is "/".
 */
function replacePrefix(prefix: string, replacement: string): PathRewrite | undefined {
  const start = replacement.replace(/\/+$/, '')
  // Envoy replaces the text of the prefix, and the prefix "/" holds the slash that must stay.
  if (prefix === '/') return start === '' ? undefined : { $case: 'prefix', value: `${absolute(start)}/` }
  if (start !== '') return { $case: 'prefix', value: absolute(start) }
  const pattern = { regex: `^${prefix.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}/?` }
  return { $case: 'regex', value: { pattern, substitution: '/' } }
}

const absolute = (path: string): string => (path.startsWith('/') ? path : `/${path}`)
