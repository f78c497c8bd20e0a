// What happens to traffic while somebody edits a folder of YAML, well or badly.
import {
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { until } from '@penstock/testkit'
import { httpRoute, yamlOf } from './manifests.ts'
import { type Rig, startRig } from './rig.ts'
import { startTraffic } from './traffic.ts'

// Each wait has a deadline of its own.
jest.setTimeout(60_000)

const stack = new AsyncDisposableStack()
let rig: Rig

beforeAll(async () => {
  rig = stack.use(await startRig())
})

afterAll(() => stack.disposeAsync(), 30_000)

const keyOf = (name: string): string => `gateway.networking.k8s.io/HTTPRoute/default/${name}`
const route = (name: string, path = '/') => httpRoute(name, { host: `${name}.example.com`, path })

/** The backend that answers, or the status that something else answers with. */
async function ask(name: string, path = '/'): Promise<string | number> {
  const { echo, status } = await rig.ask({ host: `${name}.example.com`, path })
  return echo?.backend ?? status
}

/** Every version of the object that was ever published: its paths, or `gone`. */
const published = (name: string): readonly string[] =>
  rig.view.resource.commits
    .flatMap(({ changes }) => changes.filter(({ key }) => key === keyOf(name)))
    .map(({ value }) => {
      const { spec } = (value ?? {}) as { spec?: { rules: { matches: { path: { value: string } }[] }[] } }
      return spec?.rules[0]?.matches[0]?.path.value ?? 'gone'
    })

const handWritten = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: a
spec:
  parentRefs: [{ name: gw }]
  hostnames: [a.example.com]
  rules:
    - matches:
        - path: { type: PathPrefix, value: /next }
      backendRefs:
        - name: v1
          port: 80
`

describe('a broken document', () => {
  beforeEach(async () => {
    await rig.edit(() => {
      rig.write('two.yaml', route('a'), route('b', '/first'))
      rig.write('three.yaml', route('c', '/first'))
    })
  })

  it.each([
    ['bad YAML', 'value: /next }', 'value: "/next }', { line: 10, path: '' }, /quote/],
    ['an unknown field', 'port: 80', 'prot: 80', { line: 13, path: 'spec.rules[0].backendRefs[0].prot' }, /unknown/],
    ['a wrong type', 'port: 80', 'port: http', { line: 13, path: 'spec.rules[0].backendRefs[0].port' }, /integer/],
    ['a rule of the API', 'value: /next', 'value: next', { line: 10, path: 'spec.rules[0].matches[0].path' }, /start/],
  ])('(%s) is refused with its line, and changes nothing for others', async (_, good, bad, where, reason) => {
    const versions = published('a').length
    const lines = rig.log.lines.length
    await rig.edit(() => rig.write('two.yaml', handWritten.replace(good, bad), route('b', '/second')))
    const refused = rig.log.lines.slice(lines).filter(({ event }) => event === 'refused')
    expect(new Set(refused.map(({ fields }) => fields['name']))).toEqual(new Set(['a']))
    expect(refused[0]?.fields).toMatchObject({ file: 'two.yaml', ...where, reason: expect.stringMatching(reason) })

    await rig.edit(() => rig.write('three.yaml', route('c', '/second')))
    expect(await Promise.all([ask('a'), ask('b', '/second'), ask('c', '/second')])).toEqual(['v1', 'v1', 'v1'])
    expect(published('a')).toHaveLength(versions)

    await rig.edit(() => rig.write('two.yaml', handWritten, route('b', '/second')))
    expect(await Promise.all([ask('a'), ask('a', '/next'), ask('b', '/second')])).toEqual([404, 'v1', 'v1'])
    expect(rig.log.lines.slice(lines).filter(({ event }) => event === 'accepted')).toHaveLength(1)
  })
})

describe('a file', () => {
  it('that is half written never shows the half', async () => {
    const path = join(rig.folder, 'slow.yaml')
    await rig.edit(() => rig.write('slow.yaml', route('slow', '/old'), route('last', '/old')))
    const whole = yamlOf(route('slow', '/new'), route('last', '/new'))
    const cut = whole.lastIndexOf('/new')
    const lines = rig.log.lines.length

    truncateSync(path)
    expect(await Promise.all([ask('slow', '/old'), ask('last', '/old')])).toEqual(['v1', 'v1'])
    const file = openSync(path, 'r+')
    // Up to an open quote within the last document: the first one is whole.
    writeSync(file, `${whole.slice(0, cut)}"/ne`)
    await until('the half is refused', () => rig.log.lines.slice(lines).some(({ event }) => event === 'refused'))
    expect(await ask('last', '/old')).toBe('v1')
    await rig.edit(() => {
      writeSync(file, `w"${whole.slice(cut + '/new'.length)}`)
      closeSync(file)
    })
    expect(published('last')).toEqual(['/old', '/new'])
    expect(published('slow')).toEqual(['/old', '/new'])
    expect(await Promise.all([ask('slow', '/new'), ask('last', '/new')])).toEqual(['v1', 'v1'])
  })

  it('that is deleted takes its routes with it, and no other', async () => {
    await rig.edit(() => rig.write('gone.yaml', route('gone')))
    expect(await ask('gone')).toBe('v1')
    const { resource } = await rig.edit(() => rig.remove('gone.yaml'))
    expect(resource.changes).toMatchObject([{ key: keyOf('gone'), value: undefined }])
    expect(await ask('gone')).toBe(404)
  })

  it('that is renamed changes nothing, and goes on under its new name', async () => {
    await rig.edit(() => {
      rig.write('before.yaml', route('moved', '/old'))
      rig.write('witness.yaml', route('witness'))
    })
    const commits = rig.view.resource.commits.length
    renameSync(join(rig.folder, 'before.yaml'), join(rig.folder, 'after.yaml'))
    // The witness is gone only when what the old name held would be, too.
    await rig.edit(() => rig.remove('witness.yaml'))
    expect(rig.view.resource.commits.slice(commits).flatMap(({ changes }) => changes)).toMatchObject([
      { key: keyOf('witness'), value: undefined },
    ])
    await rig.edit(() => rig.write('after.yaml', route('moved', '/new')))
    expect(published('moved')).toEqual(['/old', '/new'])
    expect(await ask('moved', '/new')).toBe('v1')
  })
})

it('a mounted ConfigMap changes by a swap of ..data, with nothing in between', async () => {
  const mount = join(rig.folder, 'mount')
  /** As the kubelet does it: a new folder, a new link to it, renamed over the old one. */
  const publish = (version: number): void => {
    const folder = `..2026_${version}`
    mkdirSync(join(mount, folder), { recursive: true })
    for (const name of ['m1', 'm2'])
      writeFileSync(join(mount, folder, `${name}.yaml`), yamlOf(route(name, `/${version}`)))
    symlinkSync(folder, join(mount, '..data_tmp'))
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'))
    rmSync(join(mount, `..2026_${version - 1}`), { recursive: true, force: true })
  }
  await rig.edit(() => {
    publish(1)
    for (const name of ['m1', 'm2']) symlinkSync(`..data/${name}.yaml`, join(mount, `${name}.yaml`))
  })
  for (const version of [2, 3]) {
    const { resource } = await rig.edit(() => publish(version))
    expect(resource.changes.map(({ key }) => key)).toEqual([keyOf('m1'), keyOf('m2')])
    expect(await Promise.all([ask('m1', `/${version}`), ask('m2', `/${version}`)])).toEqual(['v1', 'v1'])
  }
  expect(published('m1')).toEqual(['/1', '/2', '/3'])
})

describe('a folder', () => {
  it('that vanishes changes nothing, says so, and goes on where it left off', async () => {
    await rig.edit(() => rig.write('stays.yaml', route('stays')))
    await using traffic = startTraffic({ port: rig.port, host: 'stays.example.com' })
    const away = `${rig.folder}.away`
    const commits = rig.view.resource.commits.length
    renameSync(rig.folder, away)
    await until('the watcher is not ready', () => !rig.services.watcher.ready)
    expect(rig.log.find('folder_unreadable', { folder: rig.folder })).toHaveLength(1)
    // An empty one in its place is what a mount point looks like while nothing is mounted.
    mkdirSync(rig.folder)
    await until('that is no better', () => rig.log.find('folder_unreadable', { folder: rig.folder }).length === 2)
    writeFileSync(join(away, 'meanwhile.yaml'), yamlOf(route('meanwhile')))
    expect(rig.view.resource.commits.slice(commits)).toEqual([])

    await rig.edit(() => {
      rmSync(rig.folder, { recursive: true })
      renameSync(away, rig.folder)
    })
    await until('the watcher is ready again', () => rig.services.watcher.ready)
    const since = rig.view.resource.commits.slice(commits).flatMap(({ changes }) => changes)
    expect(since.map(({ key }) => key)).toEqual([keyOf('meanwhile')])
    expect(await ask('meanwhile')).toBe('v1')
    expect(await traffic.stop()).toEqual([])
  })
})
