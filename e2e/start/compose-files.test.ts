// The compose files are what compose would take: read by its own loader, with its schema, its merge and its `!reset`.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { findProgram } from '@penstock/tools/programs'
import { isRequired } from '../cluster/machine.ts'

interface Project {
  readonly services: Readonly<
    Record<
      string,
      {
        image?: string
        build?: { args?: Record<string, string> }
        command?: readonly string[] | null
        volumes?: readonly { type: string; source: string; read_only?: boolean }[]
      }
    >
  >
}

const root = resolve(import.meta.dirname, '../..')
const program = findProgram('compose')
if (!program && isRequired()) throw new Error('it needs a program: node tools/programs/build.ts compose')
const suite = program ? describe : describe.skip
const file = (name: string): string => join(root, name)
const [alone, agentgateway, host] = ['', '.agentgateway', '.host'].map((part) => file(`docker-compose${part}.yml`))

const load = (...args: readonly (string | undefined)[]): string =>
  execFileSync(join(program ?? '', 'compose'), args as string[], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
const read = (...args: readonly (string | undefined)[]): Project => JSON.parse(load(...args)) as Project

suite('docker compose (node tools/programs/build.ts compose)', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'penstock-compose-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    ['alone', [alone]],
    ['with agentgateway', [alone, agentgateway]],
  ])('%s: every service of ours is built for the name of its image', (_, files) => {
    const { services } = read(...files)
    const ours = Object.entries(services).filter(([, { build }]) => build)
    expect(ours.length).toBeGreaterThanOrEqual(5)
    for (const [name, { build, image }] of ours) {
      const app = name === 'prepare' ? 'cli' : name
      expect([name, build?.args, image]).toEqual([name, { APP: app }, `penstock/${app}:local`])
    }
  })

  it('reads nothing of a fresh checkout that is not there', () => {
    const bound = Object.values(read(alone).services).flatMap(({ volumes = [] }) =>
      volumes.filter(({ type, read_only }) => type === 'bind' && read_only).map(({ source }) => relative(root, source)),
    )
    expect(bound.sort()).toEqual(['examples/backend', 'examples/quickstart'])
  })

  // Without a slash it is the name of a volume in the short form.
  it.each(['./mine', 'mine'])('binds the folders that variables name: %s', (mine) => {
    const text = readFileSync(alone ?? '', 'utf8').replace(/\$\{PENSTOCK_(CONFIG|STATUS):-[^}]*\}/g, mine)
    const laid = join(folder, 'docker-compose.yml')
    writeFileSync(laid, text)
    const { watcher, 'status-reporter': reporter } = read(laid).services
    const bound = { type: 'bind', source: join(folder, 'mine') }
    // What is to be read must be there; what is written is made.
    const isThere = { create_host_path: false }
    expect(watcher?.volumes?.[0]).toEqual({ ...bound, target: '/config', read_only: true, bind: isThere })
    expect(reporter?.volumes?.[0]).toEqual({ ...bound, target: '/status', bind: {} })
  })

  it('puts agentgateway in the place of Envoy', () => {
    const names = Object.keys(read(alone, agentgateway).services)
    expect(names).toEqual(expect.arrayContaining(['agentgateway', 'agentgateway-server']))
    expect(names.filter((name) => ['envoy', 'xds-server'].includes(name))).toEqual([])
  })

  it('takes what npm start lays over, whose services are processes', () => {
    expect(Object.keys(read('-processes', alone, host).services)).toContain('infra-manager')
  })

  it.each([
    ['APP: watcher', 'APP: [watcher]', 'services.watcher.build.args'],
    ['volumes: ["nats:/data"', 'volume: ["nats:/data"', 'services.nats.volume'],
    ['condition: service_completed_successfully', 'condition: done', 'services.nats.depends_on.prepare.condition'],
    ['args: { APP: cli }', 'argz: { APP: cli }', "services.prepare.build additional properties 'argz'"],
    ['restart: "no"', 'restrat: "no"', 'services.prepare.restrat'],
    ['nats: { condition', 'gnats: { condition', 'depends on undefined service "gnats"'],
  ])('%s mistaken for %s is refused by its place', (right, wrong, place) => {
    const text = readFileSync(alone ?? '', 'utf8')
    expect(text).toContain(right)
    const mistaken = join(folder, 'docker-compose.yml')
    writeFileSync(mistaken, text.replace(right, wrong))
    expect(() => load(mistaken)).toThrow(place)
  })
})
