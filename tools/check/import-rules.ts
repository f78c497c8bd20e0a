// Who may import whom, and that a package declares what it imports.
import { posix } from 'node:path'
import { type Import, packageOf } from './imports.ts'
import { appMayImport, mayImport, onlyIn, testFiles, testModules, toolDependencies } from './rules.ts'
import type { Finding, Room, SourceFile, SourceTree } from './source-tree.ts'

const ours = '@penstock/'

export function importFindings(tree: SourceTree): readonly Finding[] {
  const folders = new Map(tree.rooms.map(({ manifest, folder }) => [manifest.name, folder]))
  return tree.rooms.flatMap((room) => [
    ...room.files
      .filter((file) => !file.generated)
      .flatMap((file) =>
        file.imports.flatMap((each) =>
          [
            layerSentence(room, each, folders),
            doorSentence(room, each),
            testSentence(file, each),
            escapeSentence(room, file, each),
            undeclaredSentence(tree, room, file, each),
          ].flatMap((sentence) => (sentence ? [{ file: file.path, line: each.line, sentence }] : [])),
        ),
      ),
    ...unusedFindings(room),
  ])
}

function layerSentence(room: Room, { specifier }: Import, folders: ReadonlyMap<string, string>): string | undefined {
  const name = packageOf(specifier)
  if (!name?.startsWith(ours) || name === room.manifest.name) return undefined
  const target = folders.get(name)
  if (!target) return `imports ${name}, which is no package of the workspace`
  if (room.folder.startsWith('apps/')) {
    const allowed = target.startsWith(appMayImport.folder) && !testOnly(target)
    return allowed || testOnly(target) ? undefined : `imports ${name}: an app imports packages, never another app`
  }
  const allowed = mayImport[room.folder]
  if (!allowed) return `imports ${name}, but ${room.folder} has no row in tools/check/rules.ts`
  if (allowed === '*' || testOnly(target) || allowed.includes(name.slice(ours.length))) return undefined
  const list = allowed.length > 0 ? allowed.join(', ') : 'no package of ours'
  return `imports ${name}: ${room.folder} may import ${list}`
}

/** Left to `testSentence`. */
function testOnly(folder: string): boolean {
  return appMayImport.except.some((name) => folder === `packages/${name}`)
}

function doorSentence(room: Room, { specifier }: Import): string | undefined {
  const name = packageOf(specifier)
  const door = onlyIn.find(({ module }) => name && module.test(name))
  if (!door || door.room === room.folder) return undefined
  return `imports ${name}: only ${door.room} may use ${door.what}`
}

function testSentence(file: SourceFile, { specifier }: Import): string | undefined {
  const name = packageOf(specifier) ?? ''
  if (!testModules.includes(name) || isTest(file)) return undefined
  return `imports ${name}, which is for tests only`
}

function escapeSentence(room: Room, file: SourceFile, { specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const target = posix.join(posix.dirname(file.path), specifier)
  if (target.startsWith(`${room.folder}/`)) return undefined
  return `imports ${specifier}: another package is imported by its name, through what it exports`
}

function undeclaredSentence(tree: SourceTree, room: Room, file: SourceFile, each: Import): string | undefined {
  const name = packageOf(each.specifier)
  if (!name || name === room.manifest.name) return undefined
  const { dependencies = {}, devDependencies = {} } = room.manifest
  if (name in dependencies) return undefined
  if (isTest(file)) {
    const known = name in devDependencies || name in (tree.manifest.devDependencies ?? {})
    return known ? undefined : `imports ${name}, which ${room.folder}/package.json does not declare`
  }
  if (name in devDependencies) return `imports ${name}, which is only a devDependency of ${room.folder}`
  return `imports ${name}, which ${room.folder}/package.json does not declare`
}

function unusedFindings(room: Room): readonly Finding[] {
  const used = new Set(room.files.flatMap(({ imports }) => imports.map(({ specifier }) => packageOf(specifier))))
  const declared = Object.keys({ ...room.manifest.dependencies, ...room.manifest.devDependencies })
  return declared
    .filter((name) => !used.has(name) && !toolDependencies.includes(name))
    .map((name) => ({ file: `${room.folder}/package.json`, sentence: `declares ${name}, which nothing imports` }))
}

function isTest({ path }: SourceFile): boolean {
  return testFiles.some((pattern) => pattern.test(path))
}
