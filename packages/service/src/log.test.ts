import { describe, expect, it } from '@jest/globals'
import { Fault } from '@penstock/fault'
import { createLog, type LogLevel } from './log.ts'

function createProbe(level: LogLevel) {
  const lines: Record<string, unknown>[] = []
  const log = createLog('sample', level, {
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  })
  return { log, lines, events: () => lines.splice(0).map(({ msg }) => msg) }
}

describe('the log', () => {
  it('writes one JSON line with the service, the event, its fields, and those of the children', () => {
    const { log, lines } = createProbe('info')
    log.logger.child({ channel: 'ir' }).child({ key: 'a/b' }).warn('late', { ms: 12 })
    expect(lines).toEqual([
      { level: 'warn', time: expect.any(Number), svc: 'sample', channel: 'ir', key: 'a/b', ms: 12, msg: 'late' },
    ])
  })

  it('changes its level for every child, also for those that were made before', () => {
    const { log, events } = createProbe('warn')
    const child = log.logger.child({ part: 'x' })
    child.info('silent')
    log.level = 'trace'
    child.trace('heard')
    log.logger.debug('heard too')
    log.level = 'error'
    child.warn('silent again')
    child.error('always')
    expect(events()).toEqual(['heard', 'heard too', 'always'])
  })

  it('shows an error with its code, message, stack and cause', () => {
    const { log, lines } = createProbe('info')
    log.logger.error('failed', { error: new Fault('bus_refused', 'no', { cause: new Error('why') }) })
    expect(lines[0]?.['error']).toMatchObject({
      type: 'Fault',
      code: 'bus_refused',
      message: expect.stringMatching(/^no/),
    })
    expect(JSON.stringify(lines[0]?.['error'])).toContain('why')
  })
})
