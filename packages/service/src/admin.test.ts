import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals'
import { silentMeter } from '@penstock/telemetry'
import { until } from '@penstock/testkit'
import { type Admin, createAdmin } from './admin.ts'
import { createHealth } from './health.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'

const folder = mkdtempSync(join(tmpdir(), 'penstock-admin-'))
const tokenFile = join(folder, 'debug-token')
const token = 'a token for the tests'
const authorization = `Bearer ${token}`
beforeEach(() => writeFileSync(tokenFile, `${token}\n`))
afterAll(() => rmSync(folder, { recursive: true }))

async function open(port = 0, debugTokenFile = tokenFile) {
  const log = createLog('sample', 'info', { write: () => {} })
  const health = createHealth(log.logger, silentMeter, new AbortController().signal)
  const options = {
    host: '127.0.0.1',
    port,
    portVariable: 'PENSTOCK_ADMIN_PORT',
    debugTokenFile,
    debugTokenVariable: 'PENSTOCK_DEBUG_TOKEN_FILE',
    health,
    log,
    metrics: createMetrics(),
  }
  return { admin: await createAdmin(options), health, log }
}

async function ask({ port }: Admin, path: string, body?: string): Promise<{ status: number; body: unknown }> {
  const headers = { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) }
  const request = body === undefined ? { headers } : { method: 'PUT', body, headers }
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
    const plain = { method: 'PUT', body: 'warn', headers: { authorization, 'content-type': 'text/plain' } }
    await fetch(`http://127.0.0.1:${admin.port}/log-level`, plain)
    expect(opened.log.level).toBe('warn')
    // As by `curl -X PUT -d`.
    const form = {
      method: 'PUT',
      body: '{"level":"error"}',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
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
    await until('it is back', () => opened.log.level === 'info')
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

describe('what shows internals, or changes anything', () => {
  type Shown = Record<string, string>
  const variable = 'PENSTOCK_DEBUG_TOKEN_FILE'

  async function knock({ port }: Admin, path: string, headers: Shown = {}, method = 'GET') {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers })
    return { status: response.status, asks: response.headers.get('www-authenticate'), text: await response.text() }
  }

  it('is closed without a file that holds a token, and says what opens it', async () => {
    const missing = join(folder, 'missing')
    const short = join(folder, 'short')
    writeFileSync(short, 'guess me')
    for (const [file, why] of [
      ['', `${variable} is not set`],
      [missing, `${variable} names a file that cannot be read (ENOENT)`],
      [short, `${variable} names a file with fewer than 16 characters`],
    ] as const) {
      await using admin = (await open(0, file)).admin
      admin.debug('page', () => 'secret')
      for (const shown of [{}, { authorization: 'Bearer ' }, { authorization: 'Bearer guess me' }] as Shown[]) {
        const { status, text } = await knock(admin, '/debug/page', shown)
        expect({ status, text }).toEqual({ status: 403, text: expect.stringContaining(why) })
      }
    }
  })

  it.each([
    ['/debug', 'GET'],
    ['/debug/', 'GET'],
    ['/debug/page', 'GET'],
    ['/debug/none', 'GET'],
    ['/log-level', 'PUT'],
    // Ways around: the same page by other names.
    ['//debug/page', 'GET'],
    ['/x/../debug/page', 'GET'],
    ['/%64ebug/page', 'GET'],
    ['/debug/page', 'HEAD'],
    ['/livez/../debug/page', 'GET'],
    ['/DEBUG/page', 'GET'],
  ])('asks for the token: %s %s', async (path, method) => {
    await using admin = (await open()).admin
    admin.debug('page', () => 'secret')
    for (const shown of [{}, { authorization: token }, { authorization: `Bearer ${token}x` }] as Shown[]) {
      const { status, text } = await knock(admin, path, shown, method)
      expect([401, 404]).toContain(status)
      expect(text).not.toContain('secret')
    }
  })

  it('says how to ask, and counts who asks wrongly', async () => {
    const opened = await open()
    await using admin = opened.admin
    admin.debug('page', () => 'secret')
    expect(await knock(admin, '/debug/page')).toMatchObject({ status: 401, asks: 'Bearer' })
    await knock(admin, '/debug/page', { authorization: 'Bearer something else' })
    expect((await knock(admin, '/debug/page', { authorization })).status).toBe(200)
    const metrics = (await knock(admin, '/metrics')).text
    expect(metrics).toContain('penstock_debug_refusals_total{reason="missing"} 1')
    expect(metrics).toContain('penstock_debug_refusals_total{reason="wrong"} 1')
  })

  it('takes another token as soon as it is there', async () => {
    await using admin = (await open()).admin
    expect((await knock(admin, '/debug', { authorization })).status).toBe(200)
    writeFileSync(tokenFile, 'another one, made today')
    expect((await knock(admin, '/debug', { authorization })).status).toBe(401)
    expect((await knock(admin, '/debug', { authorization: 'bearer another one, made today' })).status).toBe(200)
  })

  it.each(['/livez', '/readyz', '/metrics', '/log-level'])('is not %s', async (path) => {
    await using admin = (await open(0, '')).admin
    // Not ready is no refusal.
    expect([200, 503]).toContain((await knock(admin, path)).status)
  })
})
