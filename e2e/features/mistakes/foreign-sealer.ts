// A watcher's sealer that seals one Secret with a key that no server has, as between two steps of a rotation gone wrong: what
// holds its private key cannot be made, and whoever makes it throws.
import { createSealer, type Sealer } from '@penstock/bus'
import { sealer } from '../services.ts'

/** Of the Secret. */
export const foreignName = 'foreign'

const foreign = createSealer({ current: 'foreign', keys: { foreign: Buffer.alloc(32, 9) } })

export const foreignSealer: Sealer = {
  seal: (subject, plaintext) => (subject.includes(foreignName) ? foreign : sealer).seal(subject, plaintext),
  open: (sealed) => sealer.open(sealed),
}
