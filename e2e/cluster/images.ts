// The images of the bed, and of what runs in it. All are local: a pod that names one says `imagePullPolicy: Never`.
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildProgram } from '@penstock/tools/programs'
import { builtImages } from '../images/built-images.ts'
import { imagePackages, unpackedPackages } from './debian.ts'
import type { ArchivedImages, Image } from './oci-image.ts'

const root = resolve(import.meta.dirname, '../..')
const python = join(root, '.penstock/python')

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
  /** All services of ours, an image each. */
  penstock: () => builtImages(console.error),
} as const satisfies Record<string, () => Promise<Image | ArchivedImages>>

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
