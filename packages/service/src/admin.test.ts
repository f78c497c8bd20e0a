import { describe, expect, it } from '@jest/globals'
import { silentMeter } from '@penstock/telemetry'
import { until } from '@penstock/testkit'
import { type Admin, createAdmin } from './admin.ts'
import { createHealth } from './health.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'

async function open(port = 0) {
  const log = createLog('sample', 'info', { write: () => {} })
  const health = createHealth(log.logger, silentMeter, new AbortController().signal)
  const options = {
    host: '127.0.0.1',
    port,
    portVariable: 'PENSTOCK_ADMIN_PORT',
    health,
    log,
    metrics: createMetrics(),
  }
  return { admin: await createAdmin(options), health, log }
}

async function ask({ port }: Admin, path: string, body?: string): Promise<{ status: number; body: unknown }> {
  const request = body === undefined ? {} : { method: 'PUT', body, headers: { 'content-type': 'application/json' } }
  const response = await fetch(`http://127.0.0.1:${port}${path}`, request)
  return { status: response.status, body: await response.json() }
}

describe('the admin port', () => {
  it('tells life from readiness, and lists the checks', async () => {
    const opened = await open()
    await using admin = opened.admin
    const check = opened.health.check('bus')
    check.fail('no server')
    expect(await ask(admin, '/livez')).toEqual({ status: 200, body: { alive: true } })
    const checks = [{ name: 'bus', state: 'failing', reason: 'no server', since: expect.any(String) }]
    expect(await ask(admin, '/readyz')).toEqual({ status: 503, body: { ready: false, checks } })
    check.pass()
    const ready = { ready: true, checks: [{ name: 'bus', state: 'passing', since: expect.any(String) }] }
    expect(await ask(admin, '/readyz')).toEqual({ status: 200, body: ready })
  })

  it('shows and changes the level of the log, and refuses one that does not exist', async () => {
    const opened = await open()
    await using admin = opened.admin
    expect((await ask(admin, '/log-level')).body).toEqual({ level: 'info' })
    expect((await ask(admin, '/log-level', '{"level":"debug"}')).body).toEqual({ level: 'debug' })
    expect(opened.log.level).toBe('debug')
    expect(await ask(admin, '/log-level', '{"level":"loud"}')).toEqual({
      status: 400,
      body: { error: 'the level is one of trace, debug, info, warn, error' },
    })
    const plain = { method: 'PUT', body: 'warn', headers: { 'content-type': 'text/plain' } }
    await fetch(`http://127.0.0.1:${admin.port}/log-level`, plain)
    expect(opened.log.level).toBe('warn')
    // As by `curl -X PUT -d`.
    const form = {
      method: 'PUT',
      body: '{"level":"error"}',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }
    expect((await fetch(`http://127.0.0.1:${admin.port}/log-level`, form)).status).toBe(200)
    expect(opened.log.level).toBe('error')
  })

  it('gives the level back that was there before, after the time that it is asked for', async () => {
    const opened = await open()
    await using admin = opened.admin
    const before = Date.now()
    const { body } = await ask(admin, '/log-level', '{"level":"debug","for":"1s"}')
    expect(body).toEqual({ level: 'debug', backTo: 'info', at: expect.any(String) })
    expect(Date.parse((body as { at: string }).at)).toBeGreaterThanOrEqual(before + 1_000)
    await ask(admin, '/log-level', '{"level":"trace","for":"1s"}')
    expect(opened.log.level).toBe('trace')
    await until('it is back', () => opened.log.level === 'info', 5_000)
    expect((await ask(admin, '/log-level')).body).toEqual({ level: 'info' })
    await ask(admin, '/log-level', '{"level":"trace","for":"1h"}')
    expect((await ask(admin, '/log-level', '{"level":"warn"}')).body).toEqual({ level: 'warn' })
  })

  it.each(['0s', '25h', '10', 'soon'])('refuses a level for %s', async (time) => {
    const opened = await open()
    await using admin = opened.admin
    const { status, body } = await ask(admin, '/log-level', JSON.stringify({ level: 'debug', for: time }))
    expect({ status, body }).toEqual({ status: 400, body: { error: expect.stringContaining('up to 24h') } })
    expect(opened.log.level).toBe('info')
  })

  it('serves the debug pages that a service adds while it runs: the longest path that fits, keys with slashes', async () => {
    const { admin } = await open()
    await using closing = admin
    admin.debug('collections', ({ rest }) => ({ any: rest, big: 1n, bytes: new Uint8Array([1]), set: new Set(['a']) }))
    admin.debug('/collections/rules', ({ rest, query }) => (rest === 'none' ? undefined : { rule: rest, query }))
    const shown = async (path: string): Promise<unknown> => (await ask(closing, path)).body
    expect(await shown('/debug')).toEqual({ pages: ['/debug/collections', '/debug/collections/rules'] })
    expect(await shown('/debug/collections')).toEqual({
      any: '',
      big: '1',
      bytes: expect.stringMatching(/^\(1 bytes/),
      set: ['a'],
    })
    expect(await shown('/debug/collections/rulesets')).toMatchObject({ any: 'rulesets' })
    expect(await shown('/debug/collections/rules/http_rule/default/web/%230?x=1')).toEqual({
      rule: 'http_rule/default/web/#0',
      query: { x: '1' },
    })
    expect(await ask(closing, '/debug/collections/rules/none')).toMatchObject({ status: 404 })
    expect(await ask(closing, '/debug/nothing')).toMatchObject({ status: 404 })
  })

  it('names a port that is taken, and the setting that moves it', async () => {
    const opened = await open()
    await using admin = opened.admin
    await expect(open(admin.port)).rejects.toMatchObject({
      code: 'port_in_use',
      message: `port ${admin.port} on 127.0.0.1 is taken; PENSTOCK_ADMIN_PORT moves it`,
    })
  })
})
