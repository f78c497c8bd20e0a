// The dialect of every match of type RegularExpression is RE2, over the whole text (HTTPPathMatch, HTTPHeaderMatch and
// HTTPQueryParamMatch leave it to the implementation): what does not compile must not reach a proxy.
import { RE2JS } from '@bufbuild/re2'

/** Why the pattern is no RE2 expression; undefined: it is one. */
export function regexMistake(pattern: string): string | undefined {
  if (pattern === '') return 'it is empty'
  try {
    new RE2JS(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
