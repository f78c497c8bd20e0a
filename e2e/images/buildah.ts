// buildah without a daemon and without a change of the machine: Debian's package, unpacked, with a store that lives as
// long as one build. https://github.com/containers/buildah
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '@penstock/tools/cache'
import { unpackedPackages } from '../cluster/debian.ts'
import { withScratch } from './scratch.ts'

/** Does what the arguments ask for, and answers what it prints. */
export type Buildah = (...args: readonly string[]) => Promise<string>

const packages = [
  ...['buildah', 'libgpgme11', 'libassuan0', 'libgpg-error0', 'libseccomp2', 'libdevmapper1.02.1', 'libselinux1'],
  ...['libudev1', 'libpcre2-8-0'],
]

/** Its runtime for RUN is started without our environment, so its libraries are laid over those of the machine, for it alone. */
const overLibraries = `
libraries=$(dirname "$(ldconfig -p | sed -n 's/.*libc\\.so\\.6.*=> //p' | head -1)")
real=$(realpath "$libraries")
mount -t overlay overlay -o "ro,lowerdir=$1/usr$libraries:$1$libraries:$real" "$real"
shift
exec "$@"`

/** Calls `work` with a buildah whose store is empty, and gone afterwards. */
export async function withBuildah<T>(work: (buildah: Buildah) => Promise<T>): Promise<T> {
  const debian = await unpackedPackages(packages)
  // Not below the home of root: buildah 1.28 empties the whole container of a RUN whose cache has a target above its store.
  return await withScratch('buildah', async (folder) => work(await buildahIn(folder, debian)))
}

async function buildahIn(folder: string, debian: string): Promise<Buildah> {
  // What RUN keeps from build to build in mounts of type cache.
  const kept = join(cacheFolder(), 'buildah')
  await mkdir(kept, { recursive: true })
  const files = {
    'storage.conf': `[storage]\ndriver = "overlay"\nrunroot = "${folder}/run"\ngraphroot = "${folder}/store"\n`,
    'registries.conf': 'unqualified-search-registries = ["docker.io"]\n',
    'containers.conf': '',
    'policy.json': '{ "default": [{ "type": "insecureAcceptAnything" }] }\n',
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const env = {
    ...process.env,
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
    CONTAINERS_REGISTRIES_CONF: join(folder, 'registries.conf'),
    CONTAINERS_CONF: join(folder, 'containers.conf'),
    TMPDIR: kept,
  }
  // Mounts are seen in a namespace of its own alone, so nothing is left mounted, however it ends.
  const enter = ['--mount', '--propagation', 'private', 'sh', '-ec', overLibraries, 'sh', debian]
  const trust = ['--signature-policy', join(folder, 'policy.json')]
  return async (...[command = '', ...args]) => {
    const all = [...enter, join(debian, 'usr/bin/buildah'), command, ...(trusting.has(command) ? trust : []), ...args]
    return await answerOf('unshare', all, env)
  }
}

const trusting: ReadonlySet<string> = new Set(['from', 'commit', 'build', 'push', 'pull'])

/** What the command prints; what it complains of, with the last it printed, if it fails. */
async function answerOf(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { env, maxBuffer: 64 * 1024 * 1024 })
    return stdout.trim()
  } catch (error) {
    const { stdout = '', stderr = String(error) } = error as { stdout?: string; stderr?: string }
    throw new Error(`buildah failed:\n${stdout.slice(-3_000)}\n${stderr.slice(-3_000)}`, { cause: error })
  }
}
