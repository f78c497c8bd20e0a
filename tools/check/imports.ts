// What a file imports, read with a pattern: enough for formatted code, where an import starts its line.

export interface Import {
  /** As written: `./x.ts`, `@penstock/ir`, `node:fs`. */
  readonly specifier: string
  readonly line: number
}

const statement = /^(?:import|export)\s[^'"`]*?\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]/gm
const call = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

export function importsOf(text: string): readonly Import[] {
  return [statement, call].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => {
      const specifier = match[1] ?? match[2] ?? ''
      const end = match.index + match[0].length
      return { specifier, line: text.slice(0, end).split('\n').length }
    }),
  )
}

/** The package an import names: `@scope/name` or `name`; undefined for a file or a module of Node. */
export function packageOf(specifier: string): string | undefined {
  if (/^(\.|node:|\/)/.test(specifier)) return undefined
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
