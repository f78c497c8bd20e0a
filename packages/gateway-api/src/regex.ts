// The dialect of every match of type RegularExpression is RE2, over the whole text (HTTPPathMatch, HTTPHeaderMatch and
// HTTPQueryParamMatch leave it to the implementation): what does not compile must not reach a proxy. Proxies match bytes,
// with an RE2 that may be older than ours and has a limit of its own.
import { RE2JS } from '@bufbuild/re2'

/** Why the pattern is no RE2 expression that proxies take; undefined: it is one. */
export function regexMistake(pattern: string): string | undefined {
  if (pattern === '') return 'it is empty'
  // Asked first: to compile what is too large would take long.
  if (sizeOf(pattern) > maxSize) return `it is too large, with repetitions written out more than ${maxSize} characters`
  try {
    new RE2JS(pattern)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return unknownEscape(pattern)
}

/** Envoy's RE2 has memory for at least four times as many of the largest classes. */
const maxSize = 10_000

const quotation = String.raw`\\Q[^]*?(?:\\E|$)`
const escape = String.raw`\\(?:x\{(?<code>[^}]*)\}|[pP]\{\^?(?<group>[^}]*)\}|[^])`
const characterClass = String.raw`\[\^?\]?(?:\[:\^?\w+:\]|\\[^]|[^\]\\])*\]`
const repetition = String.raw`\{(?<least>\d+)(?:,(?<most>\d*))?\}`

const tokens = new RegExp(`${quotation}|${escape}|${characterClass}|${repetition}|[^]`, 'g')
/** Those in classes, too. */
const escapes = new RegExp(`${quotation}|${escape}`, 'g')

/** How many characters and classes there are when repetitions are written out. */
function sizeOf(pattern: string): number {
  /** Of what stands before each group that is open. */
  const before: number[] = []
  let [size, last] = [0, 0]
  for (const { 0: token, groups = {} } of pattern.matchAll(tokens)) {
    const { least, most } = groups
    if (least !== undefined) size += last * Math.max(0, Number(most || least) - 1)
    else if (token === '(') {
      before.push(size)
      size = 0
    } else {
      last = token === ')' ? size : 1
      size = token === ')' ? size + (before.pop() ?? 0) : size + (token.startsWith('\\Q') ? token.length : 1)
    }
  }
  return before.reduce((sum, part) => sum + part, size)
}

function unknownEscape(pattern: string): string | undefined {
  for (const { 0: token, groups = {} } of pattern.matchAll(escapes)) {
    const { code, group = '' } = groups
    if (code !== undefined && Number.parseInt(code, 16) > 0xff) return `${token} is more than a byte`
    if (newGroups.has(group)) return `${token} is too new for proxies to know`
  }
  return undefined
}

/** Of Unicode 16 and later, which our RE2 has. */
const newGroups: ReadonlySet<string> = new Set([
  ...['Cn', 'LC'],
  ...['Garay', 'Gurung_Khema', 'Kirat_Rai', 'Ol_Onal', 'Sunuwar', 'Todhri', 'Tulu_Tigalari'],
  ...['Beria_Erfeh', 'Sidetic', 'Tai_Yo', 'Tolong_Siki'],
])
