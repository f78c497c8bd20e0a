// The images of the bed, and of what runs in it. All are local: a pod that names one says `imagePullPolicy: Never`.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { buildProgram } from '@penstock/tools/programs'
import { imagePackages, unpackedPackages } from './debian.ts'
import type { Image, Layer } from './oci-image.ts'

const root = resolve(import.meta.dirname, '../..')
const python = join(root, '.penstock/python')
const pnpm = join(root, `.penstock/pnpm/node_modules/@pnpm/exe.linux-${process.arch}/pnpm`)

/** A user that no file belongs to. */
const nobody = '65532:65532'

export const images = {
  pause: () => single(['penstock.test/pause:1'], 'kubernetes', 'pause'),
  coredns: () => single(['penstock.test/coredns:1'], 'coredns', 'coredns'),
  /** The names that the conformance suite's manifests use, whichever version of the same server they mean. */
  echo: () =>
    single(
      ['v0.1.0', 'v0.2.0'].map((tag) => `registry.k8s.io/gateway-api/conformance/echo-basic:${tag}`),
      'conformance',
      'echo-basic',
    ),
  nats: () => wheelImage('docker.io/library/nats:2.15.1', join(python, 'bin/nats-server'), '/nats-server'),
  envoy: () =>
    wheelImage('docker.io/envoyproxy/envoy:v1.40.0', join(python, 'envoy/_bin/envoy'), '/usr/local/bin/envoy'),
  penstock: () => servicesImage(),
} as const satisfies Record<string, () => Promise<Image>>

/** An image of one program that needs nothing else. */
async function single(names: readonly string[], program: 'kubernetes' | 'coredns' | 'conformance', file: string) {
  const from = join(await buildProgram(program, console.error), file)
  return {
    names,
    stamp: from,
    layers: () => [{ from, to: `/${file}` }],
    config: { Entrypoint: [`/${file}`], User: nobody },
  }
}

/** A program of a Python wheel, on the few files of Debian that it needs. */
async function wheelImage(name: string, from: string, to: string): Promise<Image> {
  const debian = await unpackedPackages(imagePackages)
  const { size, mtimeMs } = statSync(from)
  const layers = [
    { from: debian, to: '/' },
    { from, to },
  ]
  const stamp = JSON.stringify([layers, size, mtimeMs])
  return { names: [name], stamp, layers: () => layers, config: { Entrypoint: [to], User: nobody } }
}

/** All services of ours: the pinned Node, and `/app/<name>` with what `pnpm deploy` takes of each, as built. */
async function servicesImage(): Promise<Image> {
  const debian = await unpackedPackages(imagePackages)
  const node = realpathSync(process.execPath)
  const apps = readdirSync(join(root, 'apps')).filter(isBuilt)
  return {
    names: ['penstock.test/penstock:local'],
    stamp: `${debian} ${node} ${await hashOfBuild()}`,
    // As in the Dockerfile.
    config: {
      Entrypoint: ['/usr/local/bin/node', '--max-semi-space-size=2', '--heap-growing-percent=25'],
      User: nobody,
    },
    async layers(scratch) {
      // With packages of the workspace copied in, pnpm takes exactly what its lock file says.
      const deploy = ['--config.inject-workspace-packages=true', 'deploy', '--prod']
      const deployed = apps.map(async (app): Promise<Layer> => {
        const folder = join(scratch, app)
        await promisify(execFile)(pnpm, ['--filter', `@penstock/${app}`, ...deploy, folder], { cwd: root })
        return { from: folder, to: `/app/${app}` }
      })
      return [{ from: debian, to: '/' }, { from: node, to: '/usr/local/bin/node' }, ...(await Promise.all(deployed))]
    },
  }
}

export const isBuilt = (app: string): boolean => existsSync(join(root, 'apps', app, 'dist/main.js'))

/** Of everything that was built, and of the packages it was built with. */
async function hashOfBuild(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(join(root, 'pnpm-lock.yaml')))
  for (const folder of ['apps', 'packages'].flatMap((room) =>
    readdirSync(join(root, room)).map((name) => join(root, room, name)),
  )) {
    for (const made of ['dist', 'gen']) {
      for (const file of filesBelow(join(folder, made))) hash.update(file.slice(root.length)).update(readFileSync(file))
    }
  }
  return hash.digest('hex')
}

function filesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
  } catch {
    return []
  }
}
