// The images of our services, built from the Dockerfile as it is written. One archive holds all of them: most of what is
// in one is in the others too.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { addEntry, cacheFolder, findEntry } from '@penstock/tools/cache'
import { withLock } from '@penstock/tools/lock'
import { type ArchivedImages, type Image, imageArchive, nameForContainerd, packLayout } from '../cluster/oci-image.ts'
import { baseImages } from './base-images.ts'
import { copyContext } from './build-context.ts'
import { type Buildah, withBuildah } from './buildah.ts'
import { withScratch } from './scratch.ts'

export const root = resolve(import.meta.dirname, '../..')

/** Every service of ours, and the command line. */
export const apps = [
  ...['watcher', 'translator', 'xds-server', 'agentgateway-server', 'status-reporter', 'infra-manager', 'cli'],
] as const

/** Where our images are said to be from, and the tag of those that the Dockerfile makes. */
export const registry = 'penstock.test'
export const builtTag = 'local'

export const imageName = (app: string, tag: string = builtTag): string => `${registry}/penstock/${app}:${tag}`

/** Built unless they were: `penstock.test/penstock/<app>:local`, to be loaded into a cluster. */
export async function builtImages(say: (sentence: string) => void): Promise<ArchivedImages> {
  return await withScratch('context', async (context) => {
    const stamp = copyContext(root, context).slice(0, 16)
    const entry = { kind: 'services', stamp, keep: 4 }
    await mkdir(cacheFolder(), { recursive: true })
    let folder = findEntry(entry.kind, stamp)
    // One at a time on a machine: each has all its processors, and what is kept from build to build is one.
    const build = async (): Promise<void> => {
      folder = findEntry(entry.kind, stamp) ?? (await addEntry(entry, (made) => buildInto(made, context, say)))
    }
    if (!folder) await withLock(join(cacheFolder(), 'services.lock'), build)
    return { names: apps.map((app) => imageName(app)), archive: join(folder ?? '', 'images.tar') }
  })
}

async function buildInto(folder: string, context: string, say: (sentence: string) => void): Promise<void> {
  const startMs = performance.now()
  const layout = join(folder, 'layout')
  const bases = await baseImages(await readFile(join(context, 'Dockerfile'), 'utf8'))
  await withBuildah(async (buildah) => {
    for (const base of bases) await takeBase(buildah, base)
    for (const app of apps) {
      const name = imageName(app)
      await buildah('build', ...buildOptions, `--build-arg=APP=${app}`, `--tag=${name}`, context)
      await buildah('push', '--quiet', name, `oci:${layout}:${name}`)
      say(`image of ${app} at ${((performance.now() - startMs) / 1000).toFixed(0)} s`)
    }
  })
  await nameManifests(join(layout, 'index.json'))
  await packLayout(layout, join(folder, 'images.tar'))
  await rm(layout, { recursive: true })
}

interface Index {
  readonly manifests: readonly { readonly annotations: Readonly<Record<string, string>> }[]
}

/** buildah says the name where other tools look for it; containerd takes that one for a mere tag. */
async function nameManifests(file: string): Promise<void> {
  const index = JSON.parse(await readFile(file, 'utf8')) as Index
  const manifests = index.manifests.map((manifest) => ({
    ...manifest,
    annotations: { [nameForContainerd]: manifest.annotations['org.opencontainers.image.ref.name'] },
  }))
  await writeFile(file, JSON.stringify({ ...index, manifests }))
}

/** Without namespaces of its own, so inside of others too; nothing is asked of a registry of images. */
const buildOptions = ['--isolation=chroot', '--layers', '--pull-never']

async function takeBase(buildah: Buildah, image: Image): Promise<void> {
  const id = await buildah('pull', '--quiet', `oci-archive:${await imageArchive(image)}`)
  for (const name of image.names) await buildah('tag', id, name)
}
