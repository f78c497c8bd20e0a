// What a route matches. A broken regular expression is a match that never happens; a message without its kind is refused.
import type { RouteMatch } from './tables.ts'
import { headerName, refuse, type Warn } from './verdict.ts'

/** Whether it is the whole text that matches. */
export type TextMatch = (text: string) => boolean

export type PathMatch =
  | { readonly is: 'exact' | 'prefix'; readonly path: string }
  | { readonly is: 'regex'; readonly path: string; readonly matches: TextMatch }
  | { readonly is: 'never' }

export interface Match {
  readonly path: PathMatch
  readonly method: string | undefined
  readonly headers: readonly NamedMatch[]
  readonly query: readonly NamedMatch[]
}

export interface NamedMatch {
  readonly name: string
  readonly matches: TextMatch
}

const pseudoHeaders = [':method', ':scheme', ':authority', ':path', ':status']

export function acceptMatch({ path, headers, method, queryParams }: RouteMatch, warn: Warn): Match {
  return {
    path: path === undefined ? { is: 'prefix', path: '/' } : acceptPath(path, warn),
    method: method?.exact,
    headers: headers.map(({ name, value }) => ({
      name: pseudoHeaders.includes(name) ? name : headerName(name),
      matches: acceptText(`headers.${name}`, value, warn),
    })),
    query: queryParams.map(({ name, value }) => ({ name, matches: acceptText(`queryParams.${name}`, value, warn) })),
  }
}

function acceptPath({ kind }: NonNullable<RouteMatch['path']>, warn: Warn): PathMatch {
  switch (kind?.is) {
    case 'exact':
      return { is: 'exact', path: kind.value }
    case 'pathPrefix':
      return { is: 'prefix', path: kind.value }
    case 'regex': {
      const matches = wholeMatch(kind.value)
      if (matches) return { is: 'regex', path: kind.value, matches }
      warn(`invalid regex for route.path: ${kind.value}`)
      return { is: 'never' }
    }
    default:
      return refuse('invalid path match')
  }
}

function acceptText(where: string, value: RouteMatch['headers'][number]['value'], warn: Warn): TextMatch {
  if (value === undefined) return refuse(`invalid match value of ${where}`)
  if (value.is === 'exact') return (text) => text === value.value
  const matches = wholeMatch(value.value)
  if (matches) return matches
  warn(`invalid regex for route.${where}: ${value.value}`)
  return () => false
}

/** Looks around and back references are not in the proxy's language; flags at the start are. */
function wholeMatch(pattern: string): TextMatch | undefined {
  if (/\(\?<?[=!]|(?<!\\)(?:\\\\)*\\[1-9]/.test(pattern)) return undefined
  const [start = '', flags = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? []
  const regex = compile(inOurs(pattern.slice(start.length)), flags)
  // The first match found must be the whole: of `a|ab` it is never "ab".
  return regex && ((text) => regex.exec(text)?.[0] === text)
}

/** What the proxy's language and this one write differently. */
const inOurs = (pattern: string): string =>
  pattern
    .replaceAll('(?P<', '(?<')
    .replaceAll(
      /\\(?:([pP])([A-Z])|x\{([0-9A-Fa-f]+)\}|([^\w\s])|([Az]))/g,
      (all: string, ...[property, letter, hex, sign = '', end]: (string | undefined)[]) => {
        if (property) return `\\${property}{${letter}}`
        if (hex) return `\\u{${hex}}`
        if (end) return end === 'A' ? '^' : '$'
        return '^$\\.*+?()[]{}|/'.includes(sign) ? all : `\\u{${sign.codePointAt(0)?.toString(16)}}`
      },
    )

function compile(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, `u${flags}`)
  } catch {
    return undefined
  }
}
