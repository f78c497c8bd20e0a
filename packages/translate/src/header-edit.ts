// Header modifiers (Gateway API: HTTPHeaderFilter, HTTPHeader). Names are lower case from here on.
import type { HeaderEdit, HeaderValue } from '@penstock/ir'

interface HeaderFilter {
  readonly set?: readonly HeaderValue[]
  readonly add?: readonly HeaderValue[]
  readonly remove?: readonly string[]
}

/** The edit, or the mistake in words that go on after the place of the filter. */
export function translateHeaderEdit({ set = [], add = [], remove = [] }: HeaderFilter): HeaderEdit | string {
  const edit = { set: firstOf(set), add: firstOf(add), remove: [...new Set(remove.map((name) => name.toLowerCase()))] }
  const names = [...edit.set, ...edit.add].map(({ name }) => name).concat(edit.remove)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  return twice === undefined ? edit : ` has more than one action for the header ${twice}`
}

/** Of entries with the same name the first counts. */
function firstOf(headers: readonly HeaderValue[]): HeaderValue[] {
  const lower = headers.map(({ name, value }) => ({ name: name.toLowerCase(), value }))
  return lower.filter((header, at) => lower.findIndex(({ name }) => name === header.name) === at)
}
