import { describe, expect, it } from '@jest/globals'
import { Fault } from '@penstock/fault'
import { flag, integer, list, matching, oneOf, type Parser, port, type Taken, text } from './parse.ts'
import { readSettings, redactSettings, type SettingsTable } from './settings.ts'

interface Config {
  url: string
  port: number
  password: string | undefined
  hosts: readonly string[]
}

const table: SettingsTable<Config> = {
  url: { env: 'PENSTOCK_URL', parse: text, sentence: 'Where the bus is.' },
  port: { env: 'PENSTOCK_PORT', parse: port, default: 80, sentence: 'A port.' },
  password: { env: 'PENSTOCK_PASSWORD', parse: oneOf('a', 'b'), default: undefined, sentence: 'A | B.', secret: true },
  hosts: { env: 'PENSTOCK_HOSTS', parse: list, default: [], sentence: 'Some hosts.' },
}

/** The sentence of the fault. */
function refusal(env: Record<string, string>): string {
  try {
    readSettings(table, env)
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'setting_invalid') return thrown.message
    throw thrown
  }
  return 'accepted'
}

describe('settings', () => {
  it('come from the environment or their default, frozen; an empty variable is absent', () => {
    const config = readSettings(table, { PENSTOCK_URL: 'nats://x', PENSTOCK_PORT: '', PENSTOCK_HOSTS: 'a, b,' })
    expect(config).toEqual({ url: 'nats://x', port: 80, password: undefined, hosts: ['a', 'b'] })
    expect(Object.isFrozen(config) && Object.isFrozen(config.hosts)).toBe(true)
  })

  it.each<[string, Record<string, string>, string]>([
    ['is required and missing', {}, 'PENSTOCK_URL is not set (Where the bus is.)'],
    [
      'has no meaning',
      { PENSTOCK_URL: 'x', PENSTOCK_PORT: '80a' },
      'PENSTOCK_PORT is "80a", expected a whole number from 0 to 65535',
    ],
    [
      'is secret, without its value',
      { PENSTOCK_URL: 'x', PENSTOCK_PASSWORD: 'hunter2' },
      'PENSTOCK_PASSWORD is unusable, expected one of a, b',
    ],
  ])('are refused by name when one %s', (_, env, message) => {
    expect(refusal(env)).toBe(message)
  })

  it('are refused all at once', () => {
    expect(refusal({ PENSTOCK_PORT: '-1' })).toMatch(/^PENSTOCK_URL is not set .*; PENSTOCK_PORT is "-1"/)
  })

  it.each([
    [{ PENSTOCK_PROT: '81' }, 'PENSTOCK_PROT is no setting, PENSTOCK_PORT is'],
    [{ PENSTOCK_HOST: 'a' }, 'PENSTOCK_HOST is no setting, PENSTOCK_HOSTS is'],
    [{ PENSTOCK_XDS_SERVER_SERVICE_HOST: '10.0.0.1', PENSTOCK_FLEET: 'x', OTHER_PORT: '1' }, 'accepted'],
  ])('are not mistyped in silence, but variables for others pass: %j', (env: Record<string, string>, message) => {
    expect(refusal({ PENSTOCK_URL: 'x', ...env })).toBe(message)
  })

  it('are shown without secrets', () => {
    const config = readSettings(table, { PENSTOCK_URL: 'nats://me:hunter2@x,nats://y@z', PENSTOCK_PASSWORD: 'a' })
    expect(redactSettings(table, config)).toEqual({
      PENSTOCK_URL: 'nats://(secret)@x,nats://(secret)@z',
      PENSTOCK_PORT: 80,
      PENSTOCK_PASSWORD: '(secret)',
      PENSTOCK_HOSTS: [],
    })
  })
})

describe('a parser', () => {
  it.each<[string, (value: string) => unknown, string, unknown]>([
    ['integer', integer(-5, 5), '-5', -5],
    ['flag', flag, 'true', true],
    ['flag', flag, 'false', false],
    ['one of', oneOf('a', 'b'), 'b', 'b'],
    ['list', list, ' a ,, b ', ['a', 'b']],
    ['text', matching('^a+$', 'some a'), 'aa', 'aa'],
  ])('of an %s reads %s', (_, parse, value, expected) => {
    expect(parse(value)).toEqual(expected)
  })

  it.each<[string, (value: string) => unknown, string]>([
    ['above its range', integer(0, 5), '6'],
    ['of another form', integer(0, 5), '1e0'],
    ['that is blank', port, ' '],
    ['of another spelling', flag, 'yes'],
    ['that is not listed', oneOf('a'), 'A'],
    ['that is unlike it', matching('^a+$', 'some a'), 'b'],
  ])('refuses what is %s', (_, parse, value) => {
    expect(() => parse(value)).toThrow()
  })

  it.each<[Parser<unknown>, Taken | undefined]>([
    [integer(-5, 5), { minimum: -5, maximum: 5 }],
    [oneOf('a', 'b'), { enum: ['a', 'b'] }],
    [matching('^a+$', 'some a'), { pattern: '^a+$' }],
    [text, undefined],
  ])('says beforehand what it takes: %#', (parse, taken) => {
    expect(parse.takes).toEqual(taken)
  })
})
