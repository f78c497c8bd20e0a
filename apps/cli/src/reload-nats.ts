// Has a NATS server take up files of its configuration that changed: users and certificates that were renewed in a Secret.
// Runs beside the server, where both see the same files and it may signal the server.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setInterval as every } from 'node:timers/promises'

export interface ReloadOptions {
  /** All files in it, but for those in folders, which is how Kubernetes keeps their last version. */
  readonly folder: string
  readonly pidFile: string
  /** Where the server is monitored, say http://127.0.0.1:8222. */
  readonly monitor: string
  readonly everyMs: number
  readonly signal: AbortSignal
}

/** Until the signal ends. */
export async function reloadNats(options: ReloadOptions, say: (line: string) => void): Promise<void> {
  let taken: string | undefined
  let last = ''
  const sayOnce = (line: string): void => {
    if (line !== last) say(line)
    last = line
  }
  try {
    for await (const _ of every(options.everyMs, undefined, { signal: options.signal })) {
      try {
        const found = digestOf(options.folder)
        if (found === taken) continue
        // What the server read at its start may be older than what lies there now: it is told at least once.
        await reload(options)
        taken = found
        sayOnce(`NATS has read ${options.folder} (${found.slice(0, 12)})`)
      } catch (thrown) {
        sayOnce(thrown instanceof Error ? thrown.message : String(thrown))
      }
    }
  } catch (thrown) {
    if (!options.signal.aborted) throw thrown
  }
}

function digestOf(folder: string): string {
  const files = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile())
  const hash = createHash('sha256')
  for (const name of files.sort())
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(join(folder, name)))
  return hash.digest('hex')
}

/** Resolves when the server says that it has; one that finds a mistake keeps what it had, and its log says which. */
async function reload({ pidFile, monitor, signal, everyMs }: ReloadOptions): Promise<void> {
  const before = await loadedAt(monitor)
  process.kill(pidOf(pidFile), 'SIGHUP')
  const patience = AbortSignal.any([signal, AbortSignal.timeout(everyMs)])
  try {
    for await (const _ of every(100, undefined, { signal: patience })) {
      if ((await loadedAt(monitor)) !== before) return
    }
  } catch (thrown) {
    if (!patience.aborted) throw thrown
  }
  throw new Error('NATS does not take its configuration as it is now: its log says why')
}

function pidOf(file: string): number {
  const pid = Number(readFileSync(file, 'utf8').trim())
  // 0 and -1 would mean others.
  if (!Number.isSafeInteger(pid) || pid < 1) throw new Error(`${file} holds no process id`)
  return pid
}

async function loadedAt(monitor: string): Promise<string> {
  const answer = await fetch(`${monitor}/varz`).catch((thrown: unknown) => {
    throw new Error(`NATS does not answer at ${monitor}`, { cause: thrown })
  })
  return ((await answer.json()) as { config_load_time: string }).config_load_time
}
