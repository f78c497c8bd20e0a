// One file of the folder that a watcher reads.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Manifest, yamlOf } from './manifests.ts'

/** In one step, as editors do; folders on the way are made. A text is written as it is. */
export function replaceFile(path: string, content: readonly (Manifest | string)[]): void {
  const next = join(dirname(path), `.${basename(path)}.next`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(next, content.map((part) => (typeof part === 'string' ? part : yamlOf(part))).join(''))
  renameSync(next, path)
}
