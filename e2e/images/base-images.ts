// What stands for the images that the Dockerfile begins with, where no registry of images is: the same parts, from Debian's
// packages and the pinned Node. Their names are read from the Dockerfile, so that it is built as it is written.
import { cpSync, existsSync, mkdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { imagePackages, unpackedPackages } from '../cluster/debian.ts'
import type { Image } from '../cluster/oci-image.ts'

const shellPackages = ['bash', 'dash', 'coreutils', 'libacl1', 'libattr1', 'libselinux1', 'libpcre2-8-0', 'libgmp10']
const python = 'python3.11'
const pythonPackages = [
  ...[`${python}-minimal`, python, `lib${python}-minimal`, `lib${python}-stdlib`, 'libexpat1', 'zlib1g', 'libssl3'],
  ...['libffi8', 'libbz2-1.0', 'liblzma5', 'libsqlite3-0', 'libncursesw6', 'libreadline8', 'libtinfo6', 'libuuid1'],
  ...['libcrypt1', 'media-types', 'python3-pip', 'python3-distutils', 'python3-lib2to3', 'python3-setuptools'],
  ...['python3-pkg-resources', 'python3-wheel'],
]

const standIns: readonly { readonly of: RegExp; image(name: string): Promise<Image> }[] = [
  { of: /\/node:\d+\.\d+\.\d+-/, image: nodeImage },
  { of: /\/python:3\./, image: pythonImage },
  { of: /\/distroless\/cc-/, image: cLibraryImage },
]

/** For each image that the Dockerfile takes from elsewhere, one of that name. */
export async function baseImages(dockerfile: string): Promise<readonly Image[]> {
  const stages = [...dockerfile.matchAll(/^FROM .* AS (\S+)$/gm)].map(([, stage]) => stage)
  const names = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, name = '']) => name)
  const foreign = [...new Set(names.filter((name) => !stages.includes(name)))].map(withRegistry)
  return await Promise.all(
    foreign.map((name) => {
      const standIn = standIns.find(({ of }) => of.test(name))
      if (!standIn) throw new Error(`the Dockerfile begins with ${name}, and nothing here stands for that`)
      return standIn.image(name)
    }),
  )
}

const withRegistry = (name: string): string => (name.includes('/') ? name : `docker.io/library/${name}`)

/** Node and npm below /usr/local: the pinned Node, which has to be the one that the name asks for, and the machine's npm. */
async function nodeImage(name: string): Promise<Image> {
  if (!name.includes(`:${process.versions.node}-`)) {
    throw new Error(`the Dockerfile begins with ${name}, and the pinned Node is ${process.versions.node}`)
  }
  const node = realpathSync(process.execPath)
  const npm = npmFolder()
  return {
    names: [name],
    stamp: JSON.stringify(['node', node, npm, statSync(join(npm, 'package.json')).mtimeMs]),
    layers(scratch) {
      const bin = join(scratch, 'bin')
      mkdirSync(bin)
      symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(bin, 'npm'))
      return [
        { from: bin, to: '/usr/local/bin' },
        { from: node, to: '/usr/local/bin/node' },
        { from: npm, to: '/usr/local/lib/node_modules/npm' },
      ]
    },
    config: {},
  }
}

/** By where its command leads: asked itself, npm names a place beside the Node that runs it, which need not be its own. */
function npmFolder(): string {
  const command = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'npm'))
  const found = command.find((file) => existsSync(file))
  if (found === undefined) throw new Error('no npm on the PATH')
  return dirname(dirname(realpathSync(found)))
}

/** A shell, and Python with pip, which reach package registries the way that this machine does. */
async function pythonImage(name: string): Promise<Image> {
  const debian = await unpackedPackages([...imagePackages, ...shellPackages, ...pythonPackages])
  const { env, files } = registryAccess()
  return {
    names: [name],
    stamp: JSON.stringify(['python', debian, env, files.map((file) => [file, statSync(file.from).mtimeMs])]),
    layers(scratch) {
      const root = join(scratch, 'root')
      for (const folder of ['bin', 'etc', 'tmp', 'usr/bin']) mkdirSync(join(root, folder), { recursive: true })
      symlinkSync('dash', join(root, 'bin/sh'))
      symlinkSync(python, join(root, 'usr/bin/python3'))
      writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
      for (const { from, to } of files) {
        mkdirSync(dirname(join(root, to)), { recursive: true })
        cpSync(from, join(root, to), { recursive: true, dereference: true })
      }
      return [
        { from: debian, to: '/' },
        { from: root, to: '/' },
      ]
    },
    config: { Env: [`PATH=/usr/local/bin:/usr/bin:/bin`, ...env], User: '0:0' },
  }
}

async function cLibraryImage(name: string): Promise<Image> {
  const debian = await unpackedPackages(imagePackages)
  return {
    names: [name],
    stamp: `c ${debian}`,
    layers: () => [{ from: debian, to: '/' }],
    config: { User: '65532:65532' },
  }
}

/** Settings of package managers by which a machine may have them ask elsewhere, or trust others. */
const registrySettings =
  /^(PIP_.*|GO(PROXY|PRIVATE|NOPROXY|SUMDB|NONOSUMDB|INSECURE|ENV|AUTH)|NETRC|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy|npm_config_(registry|cafile|userconfig))$/i

/** They stay in the stage that builds: of it, an image gets what was deployed and nothing else. */
function registryAccess() {
  const set = Object.entries(process.env).filter(([name, value]) => registrySettings.test(name) && value)
  const env = set.map(([name, value]) => `${name}=${value}`)
  const named = set.map(([, value = '']) => value).filter((value) => isAbsolute(value) && existsSync(value))
  const files = named.map((path) => ({ from: path, to: path }))
  const own = [
    { from: join(homedir(), '.npmrc'), to: '/etc/penstock/npmrc', env: ['NPM_CONFIG_USERCONFIG=/etc/penstock/npmrc'] },
    { from: '/etc/pip.conf', to: '/etc/pip.conf', env: [] },
  ].filter(({ from }) => existsSync(from))
  return {
    env: [...env, ...own.flatMap((file) => file.env)].sort(),
    files: [...files, ...own.map(({ from, to }) => ({ from, to }))],
  }
}
