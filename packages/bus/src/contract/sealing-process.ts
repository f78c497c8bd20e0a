// Seals in a process of its own: `node --conditions=source sealing-process.ts <keys file> <subject> <plaintext>` prints
// the sealed bytes in base64.
import { createSealer, readSealingKeys } from '../seal.ts'

const [file = '', subject = '', plaintext = ''] = process.argv.slice(2)
const sealed = createSealer(readSealingKeys(file)).seal(subject, Buffer.from(plaintext))
console.log(Buffer.from(sealed.box).toString('base64'))
