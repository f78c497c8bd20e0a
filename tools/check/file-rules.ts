// Names of files and folders, and words that have one home.
import { emptyEndings, emptyNames, goodNames, keptWords, testFiles } from './rules.ts'
import type { Finding, Room, SourceFile, SourceTree } from './source-tree.ts'

export function fileFindings(tree: SourceTree): readonly Finding[] {
  return tree.rooms.flatMap((room) =>
    room.files
      .filter((file) => !file.generated)
      .flatMap((file) => [...nameFindings(file), ...indexFindings(room, file), ...wordFindings(file)]),
  )
}

function nameFindings({ path }: SourceFile): readonly Finding[] {
  const parts = path.split('/')
  const stems = parts.map((part) => part.replace(/\..*$/, ''))
  return stems.flatMap((stem, i) => {
    const written = parts[i] ?? stem
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) return [{ file: path, sentence: `"${written}" is not in kebab-case` }]
    if (goodNames.includes(stem)) return []
    const empty = emptyNames.includes(stem) || emptyEndings.includes(stem.split('-').at(-1) ?? '')
    return empty ? [{ file: path, sentence: `"${written}" says nothing: name it for the noun inside` }] : []
  })
}

/** index.ts is what a package exports, and nothing else. */
function indexFindings({ folder, manifest }: Room, { path }: SourceFile): readonly Finding[] {
  if (!path.endsWith('/index.ts')) return []
  const targets = Object.values(manifest.exports ?? {}).map((entry) =>
    typeof entry === 'string' ? entry : entry['source'],
  )
  if (targets.includes(`.${path.slice(folder.length)}`)) return []
  return [{ file: path, sentence: 'index.ts stands only where the package exports it' }]
}

function wordFindings({ path, text }: SourceFile): readonly Finding[] {
  const isTest = testFiles.some((pattern) => pattern.test(path))
  const rules = keptWords.filter(({ where, but }) => where.test(path) && !but.some(({ files }) => files.test(path)))
  return rules.flatMap(({ words, where, sentence }) => {
    if (isTest && where.source !== '.') return []
    return text.split('\n').flatMap((line, i) => {
      const code = line.replace(/^\s*(\/\/|\*|\/\*).*$/, '').replace(/\/\/ .*$/, '')
      return words.test(code) ? [{ file: path, line: i + 1, sentence }] : []
    })
  })
}
