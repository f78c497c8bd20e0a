// An executable file in the place of the real proxy, where that one is not to be had.
import { writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'

/** Its path: what AGENTGATEWAY_BIN can name. */
export function writeStandIn(folder: string): string {
  const program = join(import.meta.dirname, `program${extname(import.meta.filename)}`)
  const file = join(folder, 'agentgateway')
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, { mode: 0o755 })
  return file
}
