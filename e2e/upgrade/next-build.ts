// The build after this one, as far as its neighbours see it: every committed channel is one minor higher, and its records
// are written in a form that the build before it would misread without a word. It reads both.
import { appendFileSync, cpSync, globSync, mkdirSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { root } from '@penstock/tools/stack'

/** Of the build, what is to be changed: a file in the tree of packages. */
export const changedFile = 'packages/bus/dist/channels.js'

/** To be appended to it. A record begins with a zero byte, at which a protobuf reader stops as if the record were empty. */
export const addition = `
for (const row of Object.values(channels).filter(({ writers }) => writers === 'one')) {
  const { encode, decode } = row.codec
  row.schema += 1
  row.codec = {
    encode: (value) => Buffer.concat([Buffer.of(0), encode(value)]),
    decode: (data, key) => decode(data[0] === 0 ? data.subarray(1) : data, key),
  }
}
`

/** A whole second build in this folder; its packages of others are those of the first. */
export function makeNextBuild(folder: string): void {
  const isBuilt = (path: string): boolean => !['src', '.turbo'].includes(basename(path))
  for (const room of globSync(['apps/*', 'packages/*'], { cwd: root })) {
    cpSync(join(root, room), join(folder, room), { recursive: true, verbatimSymlinks: true, filter: isBuilt })
  }
  mkdirSync(folder, { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  appendFileSync(join(folder, changedFile), addition)
}
