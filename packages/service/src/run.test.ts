// Each test runs a real service, `sample-service.fixture.ts`, as a process, and reads what an operator would see.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import { until } from '@penstock/testkit'

type Line = Readonly<Record<string, unknown>>

interface Sample {
  readonly lines: readonly Line[]
  readonly process: ChildProcess
  /** The first line of this event; waits for it. */
  line(event: string): Promise<Line>
  ask(path: string, body?: string, contentType?: string): Promise<{ status: number; text: string }>
  /** The exit code, once it has ended and all it wrote is read. */
  code(): Promise<number | null>
}

const running = new Set<ChildProcess>()
const folder = mkdtempSync(join(tmpdir(), 'penstock-run-'))
const tokenFile = join(folder, 'debug-token')
const token = 'a token for the tests'
writeFileSync(tokenFile, token)
afterAll(() => rmSync(folder, { recursive: true }))

function startSample(settings: Record<string, string> = {}): Sample {
  const main = fileURLToPath(new URL('sample-service.fixture.ts', import.meta.url))
  const env = { PATH: process.env['PATH'], PENSTOCK_ADMIN_PORT: '0', PENSTOCK_DEBUG_TOKEN_FILE: tokenFile, ...settings }
  const child = spawn(process.execPath, ['--conditions=source', main], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  const ended = once(child, 'close')
  const lines: Line[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(JSON.parse(line) as Line)
    for (const look of waiting) look()
  })
  const line = (event: string): Promise<Line> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find(({ msg }) => msg === event)
        if (found !== undefined) resolve(found)
      }
      waiting.add(look)
      look()
      void ended.then(() => reject(new Error(`it ended without "${event}": ${JSON.stringify(lines)}`)))
    })
  return {
    lines,
    process: child,
    line,
    async ask(path, body, contentType = 'text/plain') {
      const { port } = await line('admin')
      const headers = { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': contentType }) }
      const request = body === undefined ? { headers } : { method: 'PUT', body, headers }
      const response = await fetch(`http://127.0.0.1:${String(port)}${path}`, request)
      return { status: response.status, text: await response.text() }
    },
    async code() {
      await ended
      return child.exitCode
    },
  }
}

const events = (sample: Sample): string[] =>
  sample.lines.map(({ msg, what }) => (typeof what === 'string' ? `${String(msg)} ${what}` : String(msg)))

describe('a service', () => {
  afterEach(async () => {
    for (const child of running) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'close')
      }
    }
    running.clear()
  })

  it('is alive before it is ready, is ready when its checks hold, and logs it once', async () => {
    const sample = startSample()
    await sample.line('admin')
    expect((await sample.ask('/livez')).status).toBe(200)
    expect((await sample.ask('/readyz')).status).toBe(503)
    await sample.ask('/debug/toggle/pass')
    await sample.line('ready')
    expect((await sample.ask('/readyz')).status).toBe(200)
    await sample.ask('/debug/toggle/broken')
    expect((await sample.ask('/readyz')).text).toContain(
      '{"name":"toggle","state":"failing","reason":"broken","since":"',
    )
    expect((await sample.ask('/metrics')).text).toContain('penstock_sample_asks_total{page="toggle"} 2')
    await sample.ask('/log-level', 'debug')
    await sample.ask('/debug/toggle/pass')
    expect(await sample.line('toggled')).toMatchObject({ svc: 'sample', part: 'toggle', level: 'debug', rest: 'pass' })
    expect(events(sample).filter((event) => event === 'ready')).toHaveLength(1)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('ends in reverse order on %s, with 0', async (signal) => {
    const sample = startSample()
    await sample.ask('/debug/toggle/pass')
    await sample.line('ready')
    sample.process.kill(signal)
    expect(await sample.code()).toBe(0)
    expect(events(sample)).toEqual(['settings', 'admin', 'ready', 'stopping', 'ended second', 'ended first', 'stopped'])
  })

  it('ends when it is told to stop while it starts', async () => {
    const sample = startSample({ PENSTOCK_SAMPLE_MODE: 'wait' })
    await sample.line('waiting')
    sample.process.kill('SIGTERM')
    expect(await sample.code()).toBe(0)
    expect(events(sample).slice(-3)).toEqual(['ended second', 'ended first', 'stopped'])
  })

  it('ends at once on a second signal, with 1', async () => {
    const sample = startSample({ PENSTOCK_SAMPLE_MODE: 'linger', PENSTOCK_SHUTDOWN_MS: '600000' })
    await sample.line('started')
    sample.process.kill('SIGTERM')
    await sample.line('stopping')
    sample.process.kill('SIGINT')
    expect(await sample.code()).toBe(1)
    expect(events(sample).at(-1)).toBe('stopped_at_once')
  })

  it.each(['linger', 'hang'])('that does not end (%s) is ended at its deadline, with 1', async (mode) => {
    const sample = startSample({ PENSTOCK_SAMPLE_MODE: mode, PENSTOCK_SHUTDOWN_MS: '50' })
    await sample.line(mode === 'hang' ? 'waiting' : 'started')
    sample.process.kill('SIGTERM')
    expect(await sample.code()).toBe(1)
    expect(await sample.line('stop_late')).toMatchObject({ ms: 50 })
  })

  it('that cannot start undoes what had started and says why in one line, with 1', async () => {
    const sample = startSample({ PENSTOCK_SAMPLE_MODE: 'refuse' })
    expect(await sample.code()).toBe(1)
    expect(events(sample)).toEqual(['settings', 'admin', 'start_failed', 'ended second', 'ended first', 'stopped'])
    expect(await sample.line('start_failed')).toMatchObject({
      code: 'bus_too_old',
      reason: 'NATS is 2.9, needed is 2.12',
    })
  })

  it('that fails to start because of a bug shows its stack', async () => {
    const sample = startSample({ PENSTOCK_SAMPLE_MODE: 'break' })
    expect(await sample.code()).toBe(1)
    const { error } = await sample.line('start_failed')
    expect(error).toMatchObject({ type: 'TypeError', stack: expect.stringContaining('sample-service.fixture.ts') })
  })

  it.each([
    ['throw', 'uncaughtException'],
    ['reject', 'unhandledRejection'],
  ])('ends with 1 on an error that nobody caught (%s)', async (mode, origin) => {
    const sample = startSample({ PENSTOCK_SAMPLE_MODE: mode })
    await sample.line('started')
    await sample.ask('/debug/bug')
    expect(await sample.code()).toBe(1)
    expect(await sample.line('crashed')).toMatchObject({ origin, error: { message: 'nobody caught this' } })
  })

  it('names a setting that is no use, and a port that is taken', async () => {
    const wrong = startSample({ PENSTOCK_SAMPLE_SIZE: '77', PENSTOCK_LOG_LEVEL: 'loud' })
    expect(await wrong.code()).toBe(1)
    expect(await wrong.line('start_failed')).toMatchObject({
      code: 'setting_invalid',
      reason:
        'PENSTOCK_SAMPLE_SIZE is "77", expected a whole number from 1 to 9; ' +
        'PENSTOCK_LOG_LEVEL is "loud", expected one of trace, debug, info, warn, error',
    })
    const first = startSample()
    const { port } = await first.line('admin')
    const second = startSample({ PENSTOCK_ADMIN_PORT: String(port) })
    expect(await second.code()).toBe(1)
    expect((await second.line('start_failed'))['reason']).toBe(
      `port ${String(port)} on 127.0.0.1 is taken; PENSTOCK_ADMIN_PORT moves it`,
    )
  })

  it('names the setting that a variable is nearly called like', async () => {
    const sample = startSample({ PENSTOCK_LOGLEVEL: 'debug', PENSTOCK_DATABASE_SERVICE_HOST: '10.0.0.1' })
    expect(await sample.code()).toBe(1)
    const reason = 'PENSTOCK_LOGLEVEL is no setting, PENSTOCK_LOG_LEVEL is'
    expect(await sample.line('start_failed')).toMatchObject({ code: 'setting_invalid', reason })
  })

  it('logs more for a while, and then as before', async () => {
    const sample = startSample()
    await sample.ask('/log-level', '{"level":"debug","for":"1s"}', 'application/json')
    await sample.ask('/debug/toggle/loud')
    expect(await sample.line('toggled')).toMatchObject({ level: 'debug', rest: 'loud' })
    await until('the level is back', () => sample.lines.some(({ msg, to }) => msg === 'log_level' && to === 'info'))
    await sample.ask('/debug/toggle/quiet')
    expect(sample.lines.filter(({ msg }) => msg === 'toggled')).toHaveLength(1)
  })

  it('prints its settings without secrets', async () => {
    const sample = startSample({ PENSTOCK_SAMPLE_PASSWORD: 'hunter2' })
    const settings = await sample.line('settings')
    expect(settings).toMatchObject({ PENSTOCK_SAMPLE_PASSWORD: '(secret)', PENSTOCK_SAMPLE_SIZE: 5 })
    expect(JSON.stringify(sample.lines)).not.toContain('hunter2')
  })
})
