// Prometheus and promtool, from the Debian package of that name.
import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { unpackedPackages } from '../cluster/debian.ts'

const run = promisify(execFile)

/** Undefined on a machine that is no Debian. */
export async function prometheusFolder(): Promise<string | undefined> {
  const places = (process.env['PATH'] ?? '').split(delimiter)
  const found = await Promise.all(places.map((place) => isProgram(join(place, 'apt-get'))))
  return found.includes(true) ? join(await unpackedPackages(['prometheus']), 'usr/bin') : undefined
}

const isProgram = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  )

/** Answers what it prints; rejects with what it complains of. */
export async function promtool(folder: string, ...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(join(folder, 'promtool'), args, { maxBuffer: 16 * 1024 * 1024 })
    return stdout
  } catch (thrown) {
    const { stdout = '', stderr = '' } = thrown as { stdout?: string; stderr?: string }
    throw new Error(`${stdout}${stderr}`, { cause: thrown })
  }
}
