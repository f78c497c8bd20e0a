// Another build of our services: the built images with a file or two changed, under another tag. Nothing is built, so it
// takes seconds. https://github.com/opencontainers/image-spec (manifest.md, config.md)
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { channels } from '@penstock/bus'
import { addEntry, findEntry } from '@penstock/tools/cache'
import {
  type ArchivedImages,
  type Blob,
  nameForContainerd,
  packLayout,
  writeBlob,
  writeLayer,
} from '../cluster/oci-image.ts'
import { apps, builtImages, imageName } from './built-images.ts'

export interface Change {
  /** The end of its path; services that have no such file stay as they are. */
  readonly file: string
  readonly find: RegExp
  /** As `String.replace` takes it. */
  readonly replace: string
}

/** The build after this one, in which the records of a channel have something more. */
export const raisedSchema = (channel: keyof typeof channels): Change => ({
  file: '/@penstock/bus/dist/channels.js',
  find: new RegExp(`(name: '${channels[channel].name}',\\s+major: \\d+,\\s+schema: )\\d+`),
  replace: `$1${channels[channel].schema + 1}`,
})

interface Manifest {
  readonly config: Blob
  readonly layers: readonly Blob[]
}

interface Config {
  readonly rootfs: { readonly diff_ids: readonly string[] }
  readonly history: readonly object[]
}

interface Index {
  readonly manifests: readonly (Blob & { readonly annotations: Readonly<Record<string, string>> })[]
}

const run = promisify(execFile)

/** `penstock.test/penstock/<app>:<tag>` of all services, with the changes. */
export async function changedImages(
  tag: string,
  changes: readonly Change[],
  say: (sentence: string) => void,
): Promise<ArchivedImages> {
  const built = await builtImages(say)
  const told = changes.map(({ file, find, replace }) => [file, find.source, replace])
  const stamp = createHash('sha256')
    .update(JSON.stringify([built.archive, tag, told]))
    .digest('hex')
    .slice(0, 16)
  const entry = { kind: 'changed-services', stamp, keep: 4 }
  const folder =
    findEntry(entry.kind, stamp) ?? (await addEntry(entry, (made) => writeChanged(built, { tag, changes }, made)))
  return { names: apps.map((app) => imageName(app, tag)), archive: join(folder, 'images.tar') }
}

interface Wanted {
  readonly tag: string
  readonly changes: readonly Change[]
}

async function writeChanged(built: ArchivedImages, { tag, changes }: Wanted, folder: string): Promise<void> {
  const layout = join(folder, 'layout')
  await mkdir(layout)
  await run('tar', ['-C', layout, '-xf', built.archive])
  const indexFile = join(layout, 'index.json')
  const index = await readJson<Index>(indexFile)
  const missed = new Set(changes)
  const manifests: object[] = []
  for (const app of apps) {
    const original = index.manifests.find(({ annotations }) => annotations[nameForContainerd] === imageName(app))
    if (!original) throw new Error(`${built.archive} has no image of ${app}`)
    const { manifest, made } = await changeImage(join(layout, 'blobs/sha256'), original, changes)
    for (const change of made) missed.delete(change)
    manifests.push({ ...manifest, annotations: { [nameForContainerd]: imageName(app, tag) } })
  }
  const missing = [...missed].map(({ file, find }) => `${find} in ${file}`)
  if (missing.length > 0) throw new Error(`no image has ${missing.join(' or ')}`)
  await writeFile(indexFile, JSON.stringify({ ...index, manifests }))
  await packLayout(layout, join(folder, 'images.tar'))
  await rm(layout, { recursive: true })
}

/** A layer with the changed files over those of the image. */
async function changeImage(blobs: string, original: Blob, changes: readonly Change[]) {
  const manifest = await readJson<Manifest>(blobOf(blobs, original))
  const config = await readJson<Config>(blobOf(blobs, manifest.config))
  // What the Dockerfile copies last: the app.
  const app = manifest.layers.at(-1)
  // Its mode becomes that of the root.
  const tree = join(blobs, 'tree')
  await mkdir(tree, { mode: 0o755 })
  const made = app ? await writeChangedFiles(blobOf(blobs, app), changes, tree) : []
  const layer = made.length > 0 ? [await writeLayer({ from: tree, to: '/' }, blobs)] : []
  await rm(tree, { recursive: true })
  const diffs = layer.map(({ digest }) => digest)
  const changedConfig = await writeBlob(blobs, manifest.config.mediaType, {
    ...config,
    rootfs: { ...config.rootfs, diff_ids: [...config.rootfs.diff_ids, ...diffs] },
    history: [...config.history, ...layer.map(() => ({ created_by: 'changed files' }))],
  })
  const layers = [...manifest.layers, ...layer]
  return { made, manifest: await writeBlob(blobs, original.mediaType, { ...manifest, config: changedConfig, layers }) }
}

/** Puts the files below `tree` as the changes have them; answers those that there were. */
async function writeChangedFiles(layer: string, changes: readonly Change[], tree: string): Promise<readonly Change[]> {
  const { stdout } = await run('tar', ['-tzf', layer], { maxBuffer: 64 * 1024 * 1024 })
  const made: Change[] = []
  for (const path of stdout.split('\n')) {
    const its = changes.filter(({ file }) => path.endsWith(file))
    if (its.length === 0) continue
    const { stdout: before } = await run('tar', ['-xzOf', layer, path], { maxBuffer: 64 * 1024 * 1024 })
    const found = its.filter(({ find }) => find.test(before))
    const target = join(tree, path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(
      target,
      found.reduce((text, { find, replace }) => text.replace(find, replace), before),
    )
    made.push(...found)
  }
  return made
}

const blobOf = (blobs: string, { digest }: Blob): string => join(blobs, digest.slice('sha256:'.length))

const readJson = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, 'utf8')) as T
