import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { entryPoints } from './entry-points.ts'
import { readOptions } from './options.ts'
import { preparePlayground } from './playground.ts'

const quickstart = join(import.meta.dirname, '../../examples/quickstart')
let folder: string
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'penstock-')), 'playground')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

describe('the playground', () => {
  it('is a copy of the quickstart, and is never overwritten', () => {
    preparePlayground(quickstart, folder, {})
    writeFileSync(join(folder, 'web.yaml'), '# mine\n')
    preparePlayground(quickstart, folder, {})
    expect(readFileSync(join(folder, 'web.yaml'), 'utf8')).toBe('# mine\n')
  })

  it('moves its ports where flags ask for it, and keeps its comments', () => {
    preparePlayground(quickstart, folder, { gatewayPort: 8181, backendPort: 14_000 })
    const gateway = readFileSync(join(folder, 'gateway.yaml'), 'utf8')
    expect(gateway).toContain('port: 8181')
    expect(gateway).toMatch(/^# A class says who is in charge/)
    const backends = readFileSync(join(folder, 'backends.yaml'), 'utf8')
    expect([backends.includes('port: 14000'), backends.includes('port: 14001')]).toEqual([true, true])
    expect(entryPoints(folder)).toMatchObject([
      { url: 'http://127.0.0.1:8181/', port: 8181, curl: 'curl -i http://127.0.0.1:8181/' },
    ])
  })
})

describe('entry points', () => {
  it('passes over what it cannot read', () => {
    preparePlayground(quickstart, folder, {})
    mkdirSync(join(folder, 'folder.yaml'))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling.yaml'))
    writeFileSync(join(folder, 'broken.yaml'), 'kind: Gateway\nspec: [')
    writeFileSync(
      join(folder, 'list.yaml'),
      'kind: List\nitems: [{ kind: Gateway, spec: { listeners: [{ port: 1, protocol: HTTPS }] } }]',
    )
    expect(entryPoints(folder).map(({ url }) => url)).toEqual(['http://127.0.0.1:8080/', 'https://127.0.0.1:1/'])
  })
})

describe('the flags', () => {
  it('takes paths from where the user stands', () => {
    expect(readOptions(['--config', 'mine'], '/home/user')).toMatchObject({
      ownConfig: true,
      config: '/home/user/mine',
      status: '/home/user/mine.status',
    })
  })

  it.each([
    [['--port', 'x'], '--port takes a port number, not "x"'],
    [['--base-port', '70000'], '--base-port takes a port number, not "70000"'],
    [['--config', 'a', '--status', 'a/b'], 'lies in the folder of resources'],
    [['--nothing'], "Unknown option '--nothing'"],
  ])('refuses %j', (flags, message) => {
    expect(() => readOptions(flags, '/')).toThrow(message)
  })
})
