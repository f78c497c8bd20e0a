// What the owner of an object is told, and when: one file per object, true to what the proxies acknowledged.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { until } from '@penstock/testkit'
import { endpointSlice, gateway, gatewayClass, httpRoute, service } from './manifests.ts'
import { type Rig, startRig } from './rig.ts'
import type { Condition, StatusFile } from './status-file.ts'

// Each wait has a deadline of its own.
jest.setTimeout(60_000)

const stack = new AsyncDisposableStack()
let rig: Rig

beforeAll(async () => {
  rig = stack.use(await startRig({ 'web.yaml': [httpRoute('web')] }))
})

afterAll(() => stack.disposeAsync(), 30_000)

const routeProgrammed = 'penstock.dev/Programmed'
const gatewayFile = 'Gateway.default.gw.yaml'
const fileOf = (route: string): string => `HTTPRoute.default.${route}.yaml`

const conditionsOf = (status: StatusFile | undefined): readonly Condition[] => [
  ...(status?.status.conditions ?? []),
  ...(status?.status.parents ?? []).flatMap(({ conditions }) => conditions),
]

function condition(file: string, type: string): Condition | undefined {
  return conditionsOf(rig.status(file)).find((one) => one.type === type)
}

/** Waits until every condition of the file speaks of this generation and the proxies have it. */
function settled(file: string, generation: number): Promise<unknown> {
  return until(`${file} is settled at generation ${generation}`, () => {
    const conditions = conditionsOf(rig.status(file))
    const done = conditions.filter(({ type, status }) => type.endsWith('Programmed') && status === 'True')
    return done.length > 0 && conditions.every(({ observedGeneration }) => observedGeneration === generation)
  })
}

/** Waits until the Gateway counts so many routes at its first listener, and the proxies have that. */
function attached(count: number): Promise<unknown> {
  return until(`the Gateway has ${count} routes`, () => {
    const [listener] = rig.status(gatewayFile)?.status.listeners ?? []
    return listener?.attachedRoutes === count && condition(gatewayFile, 'Programmed')?.message.startsWith('1 of 1')
  })
}

/** By file: what changes with each write. */
function stamps(): Record<string, string> {
  const files = readdirSync(rig.statusFolder).map((file) => {
    const { ino, mtimeMs } = statSync(join(rig.statusFolder, file))
    return [file, `${ino} ${mtimeMs}`] as const
  })
  return Object.fromEntries(files)
}

describe('status files', () => {
  it('stand there for each object that has a status, and say that all is well', async () => {
    await Promise.all([settled(gatewayFile, 1), settled(fileOf('web'), 1)])
    expect(readdirSync(rig.statusFolder).sort()).toEqual([gatewayFile, 'GatewayClass.penstock.yaml', fileOf('web')])
    expect(condition('GatewayClass.penstock.yaml', 'Accepted')?.status).toBe('True')
    expect(condition(gatewayFile, 'Programmed')).toMatchObject({
      status: 'True',
      message: '1 of 1 proxies acknowledged generation 1.',
    })
    await attached(1)
    for (const type of ['Accepted', 'ResolvedRefs', routeProgrammed]) {
      expect(condition(fileOf('web'), type)).toMatchObject({ status: 'True', observedGeneration: 1 })
    }
  })

  it('go with their object', async () => {
    await rig.edit(() => rig.write('brief.yaml', httpRoute('brief', { host: 'brief.example.com' })))
    await settled(fileOf('brief'), 1)
    rig.remove('brief.yaml')
    await until('the file is gone', () => !rig.status(fileOf('brief')))
    await attached(1)
  })

  it('are written for what was edited only', async () => {
    const before = stamps()
    await rig.edit(() => rig.write('web.yaml', httpRoute('web', { path: '/edited' })))
    await settled(fileOf('web'), 2)
    const { [fileOf('web')]: old, ...others } = before
    expect(stamps()).toMatchObject(others)
    expect(stamps()[fileOf('web')]).not.toBe(old)
  })
})

describe('Programmed', () => {
  it('waits for the proxies to acknowledge', async () => {
    const host = 'slow.example.com'
    rig.tap.hold()
    rig.write('slow.yaml', httpRoute('slow', { host }))
    const pending = await until('a first status', () => condition(fileOf('slow'), routeProgrammed))
    expect(pending).toMatchObject({ status: 'Unknown', reason: 'Pending' })
    expect(condition(fileOf('slow'), 'Accepted')?.status).toBe('True')
    expect((await rig.ask({ host })).status).toBe(404)
    rig.tap.release()
    await settled(fileOf('slow'), 1)
    expect((await rig.ask({ host })).echo?.backend).toBe('v1')
  })

  it('speaks of the old generation of a Gateway until the proxies have the new one', async () => {
    rig.tap.hold()
    const listeners = [
      { name: 'http', port: rig.port },
      { name: 'more', port: rig.port + 1 },
    ]
    rig.write('gateway.yaml', gatewayClass(), gateway(...listeners))
    await until('the new generation is accepted', () => condition(gatewayFile, 'Accepted')?.observedGeneration === 2)
    expect(condition(gatewayFile, 'Programmed')).toMatchObject({
      status: 'True',
      observedGeneration: 1,
      message: '0 of 1 proxies acknowledged generation 2.',
    })
    rig.tap.release()
    await settled(gatewayFile, 2)
    expect((await rig.ask({ port: rig.port + 1, path: '/edited' })).echo?.backend).toBe('v1')
  })
})

describe('a problem', () => {
  it('is told with its reason, and is over when its cause is', async () => {
    const host = 'lost.example.com'
    const lost = { kind: 'HTTPRoute', name: 'lost' }
    await rig.edit(() => rig.write('lost.yaml', httpRoute('lost', { host, backends: { nowhere: 1 } })))
    const problem = await until('ResolvedRefs is False', () => {
      const resolved = condition(fileOf('lost'), 'ResolvedRefs')
      return resolved?.status === 'False' ? resolved : undefined
    })
    expect(problem.reason).toBe('BackendNotFound')
    expect(problem.message).toContain('nowhere')
    expect(rig.log.find('condition', { ...lost, reason: 'BackendNotFound' })).toHaveLength(1)
    expect((await rig.ask({ host })).status).toBe(500)

    await rig.edit(() => rig.write('nowhere.yaml', service('nowhere'), endpointSlice('nowhere', rig.backends.v2.port)))
    await until('ResolvedRefs is True', () => condition(fileOf('lost'), 'ResolvedRefs')?.status === 'True')
    expect(rig.log.find('condition_recovered', lost)).toHaveLength(1)
    expect((await rig.ask({ host })).echo?.backend).toBe('v2')
  })
})

describe('a status-reporter that is started again', () => {
  const past = '2020-02-20T20:20:20Z'

  it('writes nothing, and keeps the times of what did not flip', async () => {
    const routes = { web: 2, slow: 1, lost: 1 }
    await Promise.all(Object.entries(routes).map(([name, generation]) => settled(fileOf(name), generation)))
    await Promise.all([settled(gatewayFile, 2), attached(3)])
    await rig.services.statusReporter.stop()
    for (const file of readdirSync(rig.statusFolder)) {
      const path = join(rig.statusFolder, file)
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(lastTransitionTime:) .*/g, `$1 ${past}`))
    }
    const before = stamps()
    await rig.services.statusReporter.start()
    await rig.edit(() => rig.write('witness.yaml', httpRoute('witness', { host: 'witness.example.com' })))
    await settled(fileOf('witness'), 1)
    // The Gateway counts one route more.
    const { [gatewayFile]: _, ...others } = before
    expect(stamps()).toMatchObject(others)

    await rig.edit(() => rig.write('web.yaml', httpRoute('web', { path: '/again' })))
    await settled(fileOf('web'), 3)
    expect(conditionsOf(rig.status(fileOf('web'))).map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([
      past,
      past,
      past,
    ])
  })

  it('removes the files of objects that went meanwhile', async () => {
    await rig.services.statusReporter.stop()
    await rig.edit(() => rig.remove('witness.yaml'))
    expect(rig.status(fileOf('witness'))).toBeDefined()
    await rig.services.statusReporter.start()
    await until('the file is gone', () => !rig.status(fileOf('witness')))
    expect(rig.status(fileOf('web'))).toBeDefined()
  })
})
