// What the Dockerfile is built from, as .dockerignore tells, and a hash of it: two builds of one hash are the same.
// https://docs.docker.com/build/concepts/context/#dockerignore-files
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface IgnoreRule {
  readonly glob: string
  readonly keeps: boolean
}

/** The rules of a .dockerignore, in its order: the last one that matches a path, or a folder above it, decides. */
export function ignoreRules(text: string): readonly IgnoreRule[] {
  const lines = text.split('\n').map((line) => line.trim())
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ glob: line.replace(/^!/, ''), keeps: line.startsWith('!') }))
}

/** `*` is within one name, `**` any number of folders; what is below a match matches too. */
function patternOf(glob: string): RegExp {
  const parts = glob.split(/(\*\*\/|\*)/).map((part) => {
    if (part === '**/') return '(?:.*/)?'
    return part === '*' ? '[^/]*' : part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('')}(?:/|$)`)
}

export const isIgnored = (rules: readonly IgnoreRule[], path: string): boolean =>
  !(rules.findLast(({ glob }) => patternOf(glob).test(path))?.keeps ?? true)

/** The files below the folder that a build is given, sorted. */
export function contextFiles(root: string): readonly string[] {
  const rules = ignoreRules(readFileSync(join(root, '.dockerignore'), 'utf8'))
  const found: string[] = []
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder ? `${folder}/${entry.name}` : entry.name
      const below = rules.some(({ keeps, glob }) => keeps && glob.startsWith(`${path}/`))
      if (isIgnored(rules, path) && !below) continue
      if (entry.isDirectory()) visit(path)
      else found.push(path)
    }
  }
  visit('')
  return found.sort()
}

/** Copies them, with what says how to build them, so that all is built of one state; answers a hash of it. */
export function copyContext(root: string, target: string): string {
  const hash = createHash('sha256')
  for (const file of ['.dockerignore', 'Dockerfile', ...contextFiles(root)]) {
    const content = readFileSync(join(root, file))
    hash.update(`\n${file}\n`).update(content)
    mkdirSync(dirname(join(target, file)), { recursive: true })
    writeFileSync(join(target, file), content)
  }
  return hash.digest('hex')
}
