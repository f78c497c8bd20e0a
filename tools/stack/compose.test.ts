import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { readCompose } from './compose.ts'

const real = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8')
const service = (more = ''): string => `x-local: { command: [node, it.js], ready: exit }\n${more}`
const file = (services: Record<string, string>): string =>
  `services:\n${Object.entries(services)
    .map(([name, body]) => `  ${name}:\n${body.replace(/^(?=.)/gm, '    ')}`)
    .join('\n')}`

describe('docker-compose.yml as processes', () => {
  it('starts nothing before what it depends on', () => {
    const names = readCompose([real], {}).map(({ name }) => name)
    const before = (first: string, second: string): boolean => names.indexOf(first) < names.indexOf(second)
    expect(names).toHaveLength(8)
    expect(before('prepare', 'nats') && before('nats', 'watcher') && before('xds-server', 'envoy')).toBe(true)
  })

  it('puts variables in, and x-local over what containers get', () => {
    const watcher = readCompose([real], { PENSTOCK_CONFIG: '/mine', PENSTOCK_NATS_PORT: '4999' }).find(
      ({ name }) => name === 'watcher',
    )
    expect(watcher?.environment).toMatchObject({
      PENSTOCK_CONFIG: '/mine',
      PENSTOCK_NATS_URL: 'nats://127.0.0.1:4999',
      PENSTOCK_INSTALL: 'local',
    })
  })

  it('lays a second file over the first', () => {
    const over = `services:\n  a: { environment: { X: 2 } }\n  b: !reset null\n  c: { x-local: { command: [c], ready: exit } }\n`
    const first = file({ a: service('environment: { X: 1, Y: 1 }\n'), b: service() })
    const services = readCompose([first, over], {})
    expect(services.map(({ name, command, environment }) => [name, command[0], environment])).toEqual([
      ['a', 'node', { X: '2', Y: '1' }],
      ['c', 'c', {}],
    ])
  })

  it('has agentgateway in place of Envoy, and all that it needs', () => {
    const second = readFileSync(new URL('../../docker-compose.agentgateway.yml', import.meta.url), 'utf8')
    const services = readCompose([real, second], { AGENTGATEWAY_BIN: '/opt/agentgateway' })
    expect(services.map(({ name }) => name).sort()).toEqual([
      'agentgateway',
      'agentgateway-server',
      'backend',
      'nats',
      'prepare',
      'status-reporter',
      'translator',
      'watcher',
    ])
    expect(services.find(({ name }) => name === 'agentgateway')?.command[0]).toBe('/opt/agentgateway')
    expect(services.find(({ name }) => name === 'translator')?.environment).toMatchObject({
      PENSTOCK_PLANE: 'agentgateway',
      PENSTOCK_FLEET: 'local',
    })
  })

  it('has who runs a proxy for each Gateway in place of the one that all share', () => {
    const second = readFileSync(new URL('../../docker-compose.host.yml', import.meta.url), 'utf8')
    const services = readCompose([real, second], { PENSTOCK_DATA: '/data' })
    const names = services.map(({ name }) => name)
    expect([names.includes('envoy'), names.includes('infra-manager')]).toEqual([false, true])
    const environment = Object.assign({}, ...services.map((each) => each.environment)) as Record<string, string>
    expect(environment).toMatchObject({
      ...{ PENSTOCK_FLEET: '', PENSTOCK_GATEWAY_ADDRESS: '' },
      ...{ PENSTOCK_INFRA_PROVIDER: 'host', PENSTOCK_HOST_DATA: '/data/host' },
    })
  })

  it('takes the default of a variable that is empty', () => {
    const text = file({ a: service('environment: { X: "${X:-1}" }\n') })
    expect(readCompose([text], { X: '' })[0]?.environment).toEqual({ X: '1' })
  })

  it.each([
    ['a service that has no process', file({ a: 'image: x\n' }), 'service "a" has no x-local'],
    [
      'an unknown dependency',
      file({ a: service('depends_on: { b: {} }\n') }),
      '"a" depends on "b", which does not exist',
    ],
    [
      'a circle',
      file({ a: service('depends_on: { b: {} }\n'), b: service('depends_on: { a: {} }\n') }),
      'a needs b needs a',
    ],
    [
      'a variable without a value',
      file({ a: service('environment: { X: "${NOWHERE}" }\n') }),
      '${NOWHERE} has no value',
    ],
  ])('refuses %s', (_, text, message) => {
    expect(() => readCompose([text], {})).toThrow(message)
  })
})
