// Debian packages unpacked into the cache: the machine's own package system is asked for files, never changed. apt checks
// the archive's signature and the hash of every file. Versions are what the release offers: its archive keeps no others.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { addEntry, findEntry } from '@penstock/tools/cache'

const run = promisify(execFile)

/** For the node: its container runtime, its network plugins, kube-proxy's nft, and the libraries of these. */
export const nodePackages = [
  ...['containerd', 'runc', 'libseccomp2', 'containernetworking-plugins', 'nftables', 'libnftables1', 'libnftnl11'],
  ...['libmnl0', 'libxtables12', 'libjansson4', 'libedit2', 'libbsd0', 'libmd0', 'libtinfo6', 'libgmp10'],
]

/** For images: what a program needs that is linked to glibc. */
export const imagePackages = [
  ...['base-files', 'libc6', 'libgcc-s1', 'libstdc++6', 'ca-certificates', 'netbase', 'tzdata'],
]

/** A folder that holds the files of the packages, as below `/`. */
export async function unpackedPackages(packages: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile('/etc/os-release'))
    .update(packages.join(' '))
  const stamp = hash.digest('hex').slice(0, 16)
  return findEntry('debian', stamp) ?? (await addEntry({ kind: 'debian', stamp }, (folder) => unpack(packages, folder)))
}

async function unpack(packages: readonly string[], folder: string): Promise<void> {
  const apt = `${folder}.apt`
  try {
    await mkdir(join(apt, 'lists/partial'), { recursive: true })
    await mkdir(join(apt, 'cache/archives/partial'), { recursive: true })
    const places = [`Dir::State::lists=${apt}/lists`, `Dir::Cache=${apt}/cache`, 'APT::Sandbox::User=root']
    const options = places.flatMap((place) => ['-o', place])
    await run('apt-get', [...options, '--quiet', 'update'])
    await run('apt-get', [...options, '--quiet', 'download', ...packages], { cwd: apt })
    for (const file of await readdir(apt)) {
      if (file.endsWith('.deb')) await run('dpkg-deb', ['--extract', join(apt, file), folder])
    }
  } finally {
    await rm(apt, { recursive: true, force: true })
  }
}
