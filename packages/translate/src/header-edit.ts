// Header modifiers (Gateway API: HTTPHeaderFilter, HTTPHeader). Names are lower case from here on.
import type { HeaderEdit, HeaderValue } from '@penstock/ir'

interface HeaderFilter {
  readonly set?: readonly HeaderValue[]
  readonly add?: readonly HeaderValue[]
  readonly remove?: readonly string[]
}

/** The edit, or the mistake in words that go on after the place of the filter. */
export function translateRequestEdit(filter: HeaderFilter): HeaderEdit | string {
  const edit = translateHeaderEdit(filter)
  const removesHost = typeof edit !== 'string' && edit.remove.includes('host')
  return removesHost ? ' removes the header host, without which there is no request' : edit
}

/** As for requests. */
export function translateResponseEdit(filter: HeaderFilter): HeaderEdit | string {
  const edit = translateHeaderEdit(filter)
  const namesHost = typeof edit !== 'string' && namesIn(edit).includes('host')
  return namesHost ? ' edits the header host, which no answer has' : edit
}

function translateHeaderEdit({ set = [], add = [], remove = [] }: HeaderFilter): HeaderEdit | string {
  const edit = { set: firstOf(set), add: firstOf(add), remove: [...new Set(remove.map((name) => name.toLowerCase()))] }
  const names = namesIn(edit)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) return ` has more than one action for the header ${twice}`
  const noName = names.find((name) => !token.test(name))
  if (noName !== undefined) return ` names ${JSON.stringify(noName)}, which is no name of a header`
  const broken = [...edit.set, ...edit.add].find(({ value }) => !sendable.test(value))
  return broken === undefined ? edit : ` gives the header ${broken.name} a value that cannot be sent`
}

/** RFC 9110, 5.6.2: so neither empty nor one of HTTP/2's own, such as ":path". The schema does not look at `remove`. */
const token = /^[a-z0-9!#$%&'*+\-.^_`|~]+$/

/** RFC 9110, 5.5: no control characters. Schemas before v1.7 do not look. */
const sendable = /^[\t -~\u{80}-\u{10ffff}]*$/u

const namesIn = ({ set, add, remove }: HeaderEdit): string[] => [...set, ...add].map(({ name }) => name).concat(remove)

/** Of entries with the same name the first counts. */
function firstOf(headers: readonly HeaderValue[]): HeaderValue[] {
  const lower = headers.map(({ name, value }) => ({ name: name.toLowerCase(), value }))
  return lower.filter((header, at) => lower.findIndex(({ name }) => name === header.name) === at)
}
