// npm run images: builds the images of all services unless they were built, says how large they are, and fails where one
// has what none should have.
import { parseArgs } from 'node:util'
import { isRequired, lackOfMachine } from '../cluster/machine.ts'
import { builtImages } from './built-images.ts'
import { inspectImages, troublesOf } from './inspection.ts'

const usage = `usage: npm run images

  builds penstock.test/penstock/<service>:local, an OCI archive of all of them, and inspects it`

const { values } = parseArgs({ options: { help: { type: 'boolean' } } })
const lack = lackOfMachine()
if (values.help) console.log(usage)
else if (lack !== undefined) {
  console.error(`no images can be built here: ${lack}`)
  process.exitCode = isRequired() ? 1 : 0
} else {
  const startMs = performance.now()
  const built = await builtImages(console.log)
  const images = await inspectImages(built)
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
  for (const { name, bytes, ownBytes } of images) {
    console.log(`${name}: ${megabytes(bytes)} in a registry, ${megabytes(ownBytes)} of them its own`)
  }
  const troubles = images.flatMap(troublesOf)
  for (const trouble of troubles) console.error(`TROUBLE: ${trouble}`)
  console.log(`${built.archive}, ${((performance.now() - startMs) / 1000).toFixed(1)} s`)
  process.exitCode = troubles.length > 0 ? 1 : 0
}
