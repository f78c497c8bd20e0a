import { describe, expect, it } from '@jest/globals'
import { type Logger, silentLogger, silentMeter } from '@penstock/telemetry'
import { until } from '@penstock/testkit'
import { createHealth } from './health.ts'

const moment = expect.stringMatching(/^20\d\d-\d\d-\d\dT/)

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
      { name: 'bus', state: 'failing', reason: 'no server', since: moment },
      { name: 'ir', state: 'passing', since: moment },
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

  it('says what a check waits for, and since when it is as it is', async () => {
    const { health } = createProbe()
    const ir = health.check('ir', 'a first commit')
    const since = (): string => health.checks[0]?.since ?? ''
    expect(health.checks).toEqual([{ name: 'ir', state: 'pending', reason: 'a first commit', since: moment }])
    const pendingSince = since()
    await until('a millisecond passes', () => new Date().toISOString() > pendingSince)
    ir.fail('one reason')
    const failingSince = since()
    expect(failingSince > pendingSince).toBe(true)
    await until('a millisecond passes', () => new Date().toISOString() > failingSince)
    ir.fail('another reason')
    expect(health.checks).toEqual([{ name: 'ir', state: 'failing', reason: 'another reason', since: failingSince }])
  })

  it('is over once the service is told to stop, whatever the checks say', () => {
    const { health, said, stop } = createProbe()
    const check = health.check('a')
    check.pass()
    stop.abort()
    expect(health.ready).toBe(false)
    expect(health.checks.at(-1)).toEqual({ name: 'lifetime', state: 'failing', reason: 'stopping', since: moment })
    check.fail('closed')
    expect(said).toEqual(['ready'])
  })
})
