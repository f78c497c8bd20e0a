// A process of the stack that can be killed, frozen and started again as it was.
import { endWithParent } from '@penstock/testkit'
import { type StackProcess, type StackService, startProcess, waitUntilReady } from '@penstock/tools/stack'
import { metric } from '../bench/prometheus.ts'

export interface ProcessSlot extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  /** One sentence for each time that it ended by itself. */
  readonly surprises: readonly string[]
  start(): void
  waitUntilReady(deadlineMs?: number): Promise<void>
  /** For one that runs once. */
  finished(): Promise<void>
  /** Of its admin port; 0 when it says nothing. */
  metric(name: string): Promise<number>
  kill(): Promise<void>
  /** In order. Its exit code; none: it did not run, or not until it ended by itself. */
  stop(): Promise<number | undefined>
  freeze(): void
  thaw(): void
}

const readyDeadlineMs = 30_000
const stopGraceMs = 10_000

interface Life {
  readonly process: StackProcess
  /** Somebody ended it. */
  wanted: boolean
}

/** Each life has a log of its own in `logFolder`. */
export function createProcessSlot(service: StackService, logFolder: string): ProcessSlot {
  const { name } = service
  const surprises: string[] = []
  let lives = 0
  let life: Life | undefined
  const current = (): Life => {
    if (!life) throw new Error(`${name} has not been started`)
    return life
  }
  const signal = (which: NodeJS.Signals): void => void process.kill(current().process.pid, which)
  const end = async (how: (running: StackProcess) => Promise<unknown>): Promise<number | undefined> => {
    if (!life || life.wanted) return undefined
    life.wanted = true
    if (life.process.running) await how(life.process)
    return (await life.process.ended).code ?? undefined
  }
  const stop = (): Promise<number | undefined> =>
    end((running) => {
      signal('SIGCONT')
      return running.stop(stopGraceMs)
    })
  return {
    name,
    surprises,
    get pid() {
      return current().process.pid
    },
    start() {
      lives += 1
      const logFile = `${logFolder}/${name}-${lives}.log`
      const started: Life = { process: startProcess(service, { logFile, onLine: () => {} }), wanted: false }
      const guard = endWithParent(started.process.pid)
      void started.process.ended.then(({ code, signal: cause }) => {
        guard.kill('SIGKILL')
        if (!started.wanted) surprises.push(`${name} ended by itself (${cause ?? `exit code ${code}`}), see ${logFile}`)
      })
      life = started
    },
    waitUntilReady: (deadlineMs = readyDeadlineMs) =>
      waitUntilReady(current().process, deadlineMs, new AbortController().signal),
    async finished() {
      current().wanted = true
      const { code } = await current().process.ended
      if (code !== 0) throw new Error(`${name} failed with exit code ${code}`)
    },
    metric: (wanted) => metric(Number(new URL(service.ready).port), wanted).catch(() => 0),
    async kill() {
      await end((running) => {
        signal('SIGKILL')
        return running.ended
      })
    },
    stop,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}
