// The workspace as the rules see it: packages, their manifests, and every source file with what it imports. Generated,
// compiled and installed files are not looked at, but for the imports of generated code.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Import, importsOf } from './imports.ts'

/** A broken rule, in one sentence. */
export interface Finding {
  readonly file: string
  readonly line?: number
  readonly sentence: string
}

export interface SourceFile {
  /** From the root of the workspace, with `/`. */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
  readonly generated: boolean
}

export interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>> | string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

export interface Room {
  /** Such as `packages/bus`. */
  readonly folder: string
  readonly manifest: Manifest
  readonly files: readonly SourceFile[]
}

export interface SourceTree {
  readonly manifest: Manifest
  readonly rooms: readonly Room[]
}

const groups = ['packages', 'apps']
const single = ['golden', 'e2e', 'tools']
const skipped = new Set(['node_modules', 'dist'])

export function readSourceTree(root: string): SourceTree {
  const folders = groups.flatMap((group) => subfolders(root, group)).concat(single)
  const present = folders.filter((folder) => existsSync(join(root, folder, 'package.json')))
  return {
    manifest: readManifest(root, '.'),
    rooms: present.map((folder) => ({
      folder,
      manifest: readManifest(root, folder),
      files: sourceFiles(root, folder, false),
    })),
  }
}

function subfolders(root: string, group: string): string[] {
  if (!existsSync(join(root, group))) return []
  return readdirSync(join(root, group)).map((name) => `${group}/${name}`)
}

function readManifest(root: string, folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest
}

function sourceFiles(root: string, folder: string, generated: boolean): SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      return skipped.has(entry.name) ? [] : sourceFiles(root, path, generated || entry.name === 'gen')
    }
    if (!/\.(ts|mjs|js|cjs)$/.test(entry.name)) return []
    const text = readFileSync(join(root, path), 'utf8')
    return [{ path, text, imports: importsOf(text), generated }]
  })
}
