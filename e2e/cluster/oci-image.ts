// Container images made of files, without a registry or a daemon: an OCI archive with a layer for each file or folder.
// https://github.com/opencontainers/image-spec, image-layout.md.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { addEntry, findEntry } from '@penstock/tools/cache'

export interface Image {
  /** All names it goes by, with their registry and tag. */
  readonly names: readonly string[]
  /** Two images of one stamp are the same. */
  readonly stamp: string
  /** Called when it has to be made; `scratch` is an empty folder, removed afterwards. */
  layers(scratch: string): readonly Layer[] | Promise<readonly Layer[]>
  readonly config: ImageConfig
}

/** Images that were made elsewhere, in one OCI archive that says their names as containerd reads them. */
export interface ArchivedImages {
  readonly names: readonly string[]
  readonly archive: string
}

export interface Layer {
  /** A file, or a folder with all below it. */
  readonly from: string
  /** Where it is in the image, by an absolute path. */
  readonly to: string
}

/** As the image specification names them. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Env?: readonly string[]
  readonly User?: string
  readonly WorkingDir?: string
}

/** As manifests name what they consist of. */
export interface Blob {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

const run = promisify(execFile)
/** The annotation of a manifest by which containerd knows the whole name of an image. */
export const nameForContainerd = 'io.containerd.image.name'
const oci = 'application/vnd.oci.image'

/** The archive of the image, from the cache if it was made before. */
export async function imageArchive(image: Image | ArchivedImages): Promise<string> {
  if ('archive' in image) return image.archive
  const stamp = hashOf(JSON.stringify([image.stamp, image.names, image.config, 'with history'])).slice(0, 16)
  // Each build of ours is an image of its own, and large.
  const entry = { kind: 'image', stamp, keep: 8 }
  const folder = findEntry('image', stamp) ?? (await addEntry(entry, (made) => writeArchive(image, made)))
  return join(folder, 'image.tar')
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

async function writeArchive(image: Image, folder: string): Promise<void> {
  const layout = join(folder, 'layout')
  const scratch = join(folder, 'scratch')
  const blobs = join(layout, 'blobs/sha256')
  await mkdir(blobs, { recursive: true })
  await mkdir(scratch)
  const layers: Blob[] = []
  for (const layer of await image.layers(scratch)) layers.push(await writeLayer(layer, blobs))

  const platform = { architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux' }
  const config = await writeBlob(blobs, `${oci}.config.v1+json`, {
    ...platform,
    config: { WorkingDir: '/', ...image.config },
    // Layers are not compressed, so what identifies them is also the digest of their blob.
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    // Whoever builds on it counts them.
    history: layers.map(() => ({ created_by: 'files' })),
  })
  const mediaType = `${oci}.manifest.v1+json`
  const manifest = await writeBlob(blobs, mediaType, { schemaVersion: 2, mediaType, config, layers })
  const manifests = image.names.map((name) => ({ ...manifest, platform, annotations: { [nameForContainerd]: name } }))
  const index = { schemaVersion: 2, mediaType: `${oci}.index.v1+json`, manifests }
  await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  await writeFile(join(layout, 'index.json'), JSON.stringify(index))
  await packLayout(layout, join(folder, 'image.tar'))
  for (const made of [layout, scratch]) await rm(made, { recursive: true })
}

/** Makes an archive of a folder that is an image layout. */
export async function packLayout(layout: string, archive: string): Promise<void> {
  await run('tar', ['-C', layout, '-cf', archive, 'oci-layout', 'index.json', 'blobs'])
}

export async function writeBlob(blobs: string, mediaType: string, value: unknown): Promise<Blob> {
  const text = JSON.stringify(value)
  const digest = hashOf(text)
  await writeFile(join(blobs, digest), text)
  return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(text) }
}

export async function writeLayer({ from, to }: Layer, blobs: string): Promise<Blob> {
  const file = join(blobs, 'layer')
  const isFolder = (await stat(from)).isDirectory()
  const [start, name, base] = isFolder ? [from, '.', '^\\.'] : [dirname(from), basename(from), `^${basename(from)}$`]
  // Alike for alike input: sorted, without times and owners. Targets of symbolic links stay as they are.
  const alike = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--hard-dereference']
  const place = to === '/' ? '.' : to.slice(1)
  await run('tar', ['-C', start, ...alike, `--transform=flags=rS;s|${base}|${place}|`, '-cf', file, name])
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  const digest = hash.digest('hex')
  await rename(file, join(blobs, digest))
  const { size } = await stat(join(blobs, digest))
  return { mediaType: `${oci}.layer.v1.tar`, digest: `sha256:${digest}`, size }
}
