import { describe, expect, it } from '@jest/globals'
import { type Logger, silentLogger, silentMeter } from '@penstock/telemetry'
import { createHealth } from './health.ts'

function createProbe() {
  const said: string[] = []
  const say = (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    const { check, reason } = fields as { check?: string; reason?: string }
    said.push([event, check, reason].filter((part) => part !== undefined).join(' '))
  }
  const logger: Logger = { ...silentLogger, info: say, warn: say }
  const stop = new AbortController()
  return { health: createHealth(logger, silentMeter, stop.signal), said, stop }
}

describe('readiness', () => {
  it('holds once every check has passed, is lost while one fails, and says so once each time', () => {
    const { health, said } = createProbe()
    const bus = health.check('bus')
    const ir = health.check('ir')
    bus.pass()
    expect(health.ready).toBe(false)
    ir.pass()
    ir.pass()
    expect(health.ready).toBe(true)
    bus.fail('no server')
    bus.fail('no server')
    expect(health.ready).toBe(false)
    expect(health.checks).toEqual([
      { name: 'bus', state: 'failing', reason: 'no server' },
      { name: 'ir', state: 'passing' },
    ])
    bus.pass()
    expect(said).toEqual(['ready', 'check_failing bus no server', 'ready_again'])
  })

  it('does not hold without a check, nor while a new one is pending', () => {
    const { health } = createProbe()
    expect(health.ready).toBe(false)
    health.check('a').pass()
    expect(health.ready).toBe(true)
    health.check('b')
    expect(health.ready).toBe(false)
    expect(() => health.check('b')).toThrow('the check b is held by somebody else')
  })

  it('is over once the service is told to stop, whatever the checks say', () => {
    const { health, said, stop } = createProbe()
    const check = health.check('a')
    check.pass()
    stop.abort()
    expect(health.ready).toBe(false)
    expect(health.checks.at(-1)).toEqual({ name: 'lifetime', state: 'failing', reason: 'stopping' })
    check.fail('closed')
    expect(said).toEqual(['ready'])
  })
})
