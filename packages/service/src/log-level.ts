// GET and PUT /log-level: how much is logged, changed while the service runs, for good or for a while, by who may.
import type { FastifyInstance } from 'fastify'
import type { DebugDoor } from './debug-door.ts'
import { type Log, type LogLevel, logLevels } from './log.ts'

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }
const longestMs = 24 * 3_600_000

/** `debug`, or `{"level":"debug"}`, or `{"level":"debug","for":"10m"}`: then the level that was set before comes back. */
export function addLogLevel(app: FastifyInstance, log: Log, onRequest: DebugDoor): void {
  let back: { timer: NodeJS.Timeout; level: LogLevel; atMs: number } | undefined
  const set = (level: LogLevel): void => {
    log.level = level
    log.logger.info('log_level', { to: level })
  }
  const state = () => ({
    level: log.level,
    ...(back && { backTo: back.level, at: new Date(back.atMs).toISOString() }),
  })
  app.get('/log-level', state)
  // Whatever it is called: `curl -d` says that it sends a form.
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body))
  app.put<{ Body: unknown }>('/log-level', { onRequest }, (request, reply) => {
    const { level: asked, for: forText } = readBody(request.body)
    const level = logLevels.find((known) => known === asked)
    if (level === undefined) return reply.code(400).send({ error: `the level is one of ${logLevels.join(', ')}` })
    const forMs = forText === undefined ? undefined : durationMs(forText)
    if (Number.isNaN(forMs)) return reply.code(400).send({ error: 'for is a time up to 24h, such as 30s, 10m or 1h' })
    const before = back?.level ?? log.level
    clearTimeout(back?.timer)
    back = undefined
    set(level)
    if (forMs !== undefined) {
      const end = (): void => {
        back = undefined
        set(before)
      }
      back = { timer: setTimeout(end, forMs).unref(), level: before, atMs: Date.now() + forMs }
    }
    return state()
  })
  app.addHook('onClose', async () => clearTimeout(back?.timer))
}

function readBody(body: unknown): { level?: unknown; for?: unknown } {
  if (typeof body !== 'string') return body ?? {}
  try {
    return (JSON.parse(body) as object | null) ?? {}
  } catch {
    return { level: body.trim() }
  }
}

function durationMs(value: unknown): number {
  const [, count, unit = ''] = /^(\d+)([smh])$/.exec(String(value)) ?? []
  const ms = Number(count) * (unitsMs[unit] ?? Number.NaN)
  return ms > 0 && ms <= longestMs ? ms : Number.NaN
}
