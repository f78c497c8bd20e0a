// What is in images, and what must not be: the rules of docs/images.md.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ArchivedImages, type Blob, nameForContainerd } from '../cluster/oci-image.ts'
import { withScratch } from './scratch.ts'

export interface InspectedImage {
  readonly name: string
  readonly user: string
  readonly entrypoint: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** All layers, as a registry keeps them, and what of that is only in this image. */
  readonly bytes: number
  readonly ownBytes: number
  readonly files: readonly string[]
  /** Those of the service that only some users may read, or enter. */
  readonly closed: readonly string[]
}

interface Config {
  readonly User?: string
  readonly Entrypoint?: readonly string[]
  readonly Labels?: Readonly<Record<string, string>>
}

const run = promisify(execFile)

/** Paths that no image of ours has. */
const unwanted: readonly { readonly path: RegExp; readonly why: string }[] = [
  { path: /^app\/.*\.(map|tsbuildinfo)$|^app\/.*\.[cm]?ts$/, why: 'only those who write programs read it' },
  { path: /(^|\/)(npm|npx|pnpm|yarn|corepack|apt|apt-get|dpkg)$/, why: 'it installs things' },
  { path: /^(usr\/)?bin\/(ba|da|busybo)?(sh|x)$/, why: 'it is a shell' },
  {
    path: /npmrc$|pip\.conf$|netrc$|^app\/.*\/(lock\.yaml|\.modules\.yaml)$/,
    why: 'it tells of the machine that built it',
  },
  { path: /node_modules\/(typescript|jest|turbo|@types\/node\/.*\.d\.ts)\//, why: 'it is for development' },
]

export function troublesOf({ name, user, entrypoint, labels, files, closed }: InspectedImage): readonly string[] {
  const troubles = unwanted.flatMap(({ path, why }) => {
    const found = files.find((file) => path.test(file))
    return found ? [`has ${found}: ${why}`] : []
  })
  if (closed[0]) troubles.push(`has ${closed[0]}: not every user may read it`)
  if (user !== '65532:65532') troubles.push(`runs as ${user || 'root'}`)
  if (entrypoint.at(-1) !== '/app/dist/main.js') troubles.push(`starts ${entrypoint.join(' ')}`)
  if (!files.includes('app/dist/main.js')) troubles.push('has no app/dist/main.js')
  if (!labels['org.opencontainers.image.title']) troubles.push('has no title')
  return troubles.map((trouble) => `${name} ${trouble}`)
}

export async function inspectImages({ archive }: ArchivedImages): Promise<readonly InspectedImage[]> {
  return await withScratch('inspection', async (folder) => {
    await run('tar', ['-C', folder, '-xf', archive])
    const blob = ({ digest }: Blob): string => join(folder, 'blobs/sha256', digest.slice('sha256:'.length))
    const json = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, 'utf8')) as T
    const { manifests } = await json<{ manifests: (Blob & { annotations: Record<string, string> })[] }>(
      join(folder, 'index.json'),
    )
    const images: InspectedImage[] = []
    for (const entry of manifests) {
      const { config, layers } = await json<{ config: Blob; layers: Blob[] }>(blob(entry))
      const { config: told } = await json<{ config: Config }>(blob(config))
      const lists = await Promise.all(layers.map((layer) => filesOf(blob(layer))))
      images.push({
        name: entry.annotations[nameForContainerd] ?? '',
        user: told.User ?? '',
        entrypoint: told.Entrypoint ?? [],
        labels: told.Labels ?? {},
        bytes: layers.reduce((sum, { size }) => sum + size, 0),
        ownBytes: layers.at(-1)?.size ?? 0,
        files: lists.flat().map(({ path }) => path),
        closed: lists.flat().flatMap(({ path, mode }) => (isOurs.test(path) && !isOpen.test(mode) ? [path] : [])),
      })
    }
    return images
  })
}

const isOurs = /^(app|usr\/local)\//
/** Of `-rwxr-xr-x` the last three are for anybody; a link has the modes of what it leads to. */
const isOpen = /^(d.{6}r.x|-.{6}r..|[^d-].*)$/

interface File {
  readonly path: string
  readonly mode: string
}

async function filesOf(layer: string): Promise<readonly File[]> {
  // `-rwxr-xr-x 0/0 8 2026-01-01 00:00 ./app/dist/main.js`
  const { stdout } = await run('tar', ['--numeric-owner', '-tvzf', layer], { maxBuffer: 64 * 1024 * 1024 })
  return [...stdout.matchAll(/^(\S{10}) +\S+ +\d+ \S+ \S+ (?:\.?\/)?(.*?)(?: -> .*| link to .*)?$/gm)].map(
    ([, mode = '', path = '']) => ({ path, mode }),
  )
}
