// npm run images: builds the images of all services, and says how large they are and where.
import { builtImages } from './built-images.ts'

const startMs = performance.now()
const { names, archive } = await builtImages(console.log)
for (const name of names) console.log(name)
console.log(`${archive}, ${((performance.now() - startMs) / 1000).toFixed(1)} s`)
