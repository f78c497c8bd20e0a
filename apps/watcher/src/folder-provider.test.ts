import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createAdmission } from '@penstock/gateway-api/admission'
import { type Logger, silentLogger, silentMeter } from '@penstock/telemetry'
import { createFolderProvider, type FolderProvider } from './folder-provider.ts'

const settings = {
  quietMs: 5,
  removeQuietMs: 60,
  rescanMs: 60_000,
  maxFileBytes: 10_000,
  maxAliases: 100,
  maxDocuments: 50,
  maxObjectBytes: 100_000,
}
const admission = createAdmission()
const map = (name: string, value = '1'): string =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  x: "${value}"\n`

let above: string
let root: string
let provider: FolderProvider | undefined
let told: string[]
let changes: string[][]
let health: string
/** All that was logged, with every field. */
let everything: string

beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), 'penstock-watcher-'))
  root = join(above, 'config')
  mkdirSync(root)
  told = []
  changes = []
  health = 'pending'
  everything = ''
})

afterEach(async () => {
  await provider?.[Symbol.asyncDispose]()
  rmSync(above, { recursive: true, force: true })
})

async function start(overrides: Partial<typeof settings> = {}): Promise<void> {
  const note =
    (level: string): Logger['info'] =>
    (event, fields = {}) => {
      const { file, line, reason } = fields
      everything += JSON.stringify(fields)
      const words = [level, event, file, line, reason].filter((word) => word !== undefined)
      told.push(words.map(String).join(' '))
    }
  provider = createFolderProvider({
    folder: root,
    settings: { ...settings, ...overrides },
    admission,
    log: { ...silentLogger, info: note('info'), warn: note('warn'), error: note('error') },
    meter: silentMeter,
    check: { pass: () => (health = 'passing'), fail: () => (health = 'failing') },
    onChange: (keys) => keys.size > 0 && changes.push([...keys].map((key) => key.split('/').at(-1) ?? '').sort()),
    onSeen: () => {},
  })
  await until(() => provider?.scan())
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}

/** As editors and deployments do it: written elsewhere, then renamed into place. */
function replace(file: string, text: string): void {
  writeFileSync(join(above, 'new'), text)
  renameSync(join(above, 'new'), join(root, file))
}

const contents = (): string =>
  [...(provider?.objects.values() ?? [])]
    .map((o) => `${o.metadata.name}=${(o as { data?: { x?: string } }).data?.x}`)
    .sort()
    .join(' ')

async function until(holds: () => unknown): Promise<void> {
  const deadlineMs = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`not in time: ${holds}; ${contents()}; ${told.join('; ')}`)
    await delay(2)
  }
}

/** Shows that something did not happen: another change, made later, came through. */
async function pass(name: string): Promise<void> {
  write(`pass-${name}.yaml`, map(`p${name}`))
  await until(() => contents().includes(`p${name}=1`))
  rmSync(join(root, `pass-${name}.yaml`))
  await until(() => !contents().includes(`p${name}=1`))
}

describe('reading', () => {
  it('takes manifests at any depth and leaves everything else', async () => {
    write('a.yaml', map('a'))
    write('deep/er/b.yml', map('b'))
    write('c.json', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"x":"1"}}')
    for (const file of ['.a.yaml.swp', 'b.yaml~', '.hidden/d.yaml', 'notes.md', '.#e.yaml', '4913'])
      write(file, map('no'))
    await start()
    expect(contents()).toBe('a=1 b=1 c=1')
    expect(changes).toEqual([['a', 'b', 'c']])
    expect(health).toBe('passing')
  })

  it.each([
    ['written in place', write],
    ['renamed into place', replace],
  ])('takes an edit that is %s', async (_, edit) => {
    write('a.yaml', map('a') + map('b'))
    await start()
    edit('a.yaml', map('a') + map('b', '2'))
    await until(() => contents() === 'a=1 b=2')
    expect(changes.slice(1)).toEqual([['b']])
    edit('a.yaml', map('a', '3') + map('b', '2'))
    await until(() => contents() === 'a=3 b=2')
  })

  it('takes edits below, after a rename, and in directories made later', async () => {
    write('sub/a.yaml', map('a'))
    await start()
    replace('sub/a.yaml', map('a', '2'))
    await until(() => contents() === 'a=2')
    write('sub/a.yaml', map('a', '3'))
    await until(() => contents() === 'a=3')
    write('new/er/b.yaml', map('b'))
    await until(() => contents() === 'a=3 b=1')
    write('new/er/b.yaml', map('b', '2'))
    await until(() => contents() === 'a=3 b=2')
    renameSync(join(root, 'new'), join(root, 'old'))
    write('old/er/b.yaml', map('b', '3'))
    await until(() => contents() === 'a=3 b=3')
  })

  it('makes one change of a burst', async () => {
    await start()
    // All of them are in place before the first event is read: however slow the machine, they come in one turn.
    for (let i = 0; i < 20; i += 1) replace(`f${i}.yaml`, map(`m${i}`))
    await until(() => contents().split(' ').length === 20)
    expect(changes).toHaveLength(1)
  })

  it('finds by looking what no event told', async () => {
    writeFileSync(join(above, 'elsewhere.yaml'), map('a'))
    symlinkSync('../elsewhere.yaml', join(root, 'a.yaml'))
    await start({ rescanMs: 20 })
    writeFileSync(join(above, 'elsewhere.yaml'), map('a', '2'))
    await until(() => contents() === 'a=2')
  })

  it('tells nothing of a Secret, and little of junk', async () => {
    const secret = '---\napiVersion: v1\nkind: Secret\nmetadata: { name: s }\n'
    write('a.yaml', `${secret}data: { tls.key: "-----BEGIN PRIVATE KEY----- SUPERSECRET" }\n`)
    write('b.yaml', `${secret}data: SUPERSECRET\n`)
    write('c.yaml', 'SUPERSECRET')
    write('d.yaml', `${secret}data: { key: *SUPERSECRET }\n`)
    write('e.yaml', `kind: ${'x'.repeat(5_000)}\n"${'y'.repeat(1_000)}": 1\n`)
    write('f.yaml', `${map('f')}"${'y'.repeat(900)}": 1\n`)
    await start()
    expect(new Set(told.map((line) => line.split(' ')[2]))).toEqual(new Set('abcdef'.split('').map((f) => `${f}.yaml`)))
    expect(everything).not.toMatch(/SUPERSECRET|PRIVATE/)
    expect(everything).not.toMatch(/x{150}|y{150}/)
  })

  it('refuses what is too large, and keeps what was in it', async () => {
    write('a.yaml', map('a'))
    await start()
    write('a.yaml', map('a', 'x'.repeat(20_000)))
    await until(() => told.some((line) => /^warn refused a.yaml 1 .* more than 10000/.test(line)))
    expect(contents()).toBe('a=1')
  })
})

describe('half-written files', () => {
  // Longer than a busy machine lets this process wait between two writes.
  const patient = { removeQuietMs: 1_000 }

  it('removes nothing while a file is being written', async () => {
    write('a.yaml', map('a') + map('b'))
    await start(patient)
    write('a.yaml', '')
    await delay(15)
    appendFileSync(join(root, 'a.yaml'), map('a', '2'))
    await until(() => contents() === 'a=2 b=1')
    appendFileSync(join(root, 'a.yaml'), map('b', '2'))
    await until(() => contents() === 'a=2 b=2')
    expect(changes.flat().filter((name) => name === 'b').length).toBeGreaterThan(1)
    expect(told).toEqual([])
  })

  it('removes what is missing from a file, or with it, once it has been quiet', async () => {
    write('a.yaml', map('a') + map('b'))
    write('c.yaml', map('c'))
    await start()
    replace('a.yaml', map('a'))
    rmSync(join(root, 'c.yaml'))
    await until(() => contents() === 'a=1')
    replace('a.yaml', '')
    await until(() => contents() === '')
  })

  it('survives an editor that moves the file away before it writes', async () => {
    write('a.yaml', map('a'))
    await start(patient)
    renameSync(join(root, 'a.yaml'), join(root, 'a.yaml~'))
    await delay(10)
    write('a.yaml', map('a', '2'))
    await until(() => contents() === 'a=2')
    expect(changes.slice(1)).not.toContainEqual([])
    expect(told).toEqual([])
  })

  it('lets a file be renamed', async () => {
    write('b.yaml', map('a'))
    await start()
    renameSync(join(root, 'b.yaml'), join(root, 'c.yaml'))
    await pass('1')
    expect(contents()).toBe('a=1')
    expect(told).toEqual([])
  })
})

describe('a mounted ConfigMap', () => {
  function publish(version: string, value: string): void {
    mkdirSync(join(root, `..${version}`))
    for (const name of ['a', 'b']) writeFileSync(join(root, `..${version}`, `${name}.yaml`), map(name, value))
    symlinkSync(`..${version}`, join(root, '..data_tmp'))
    renameSync(join(root, '..data_tmp'), join(root, '..data'))
  }

  it('is taken over in one change when its data is swapped', async () => {
    publish('1', '1')
    for (const name of ['a', 'b']) symlinkSync(`..data/${name}.yaml`, join(root, `${name}.yaml`))
    await start()
    expect(contents()).toBe('a=1 b=1')
    publish('2', '2')
    rmSync(join(root, '..1'), { recursive: true })
    await until(() => contents() === 'a=2 b=2')
    expect(changes).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })
})

describe('a folder that vanishes', () => {
  it.each([
    ['moved away', () => renameSync(root, join(above, 'away'))],
    ['deleted', () => rmSync(root, { recursive: true })],
  ])('leaves everything as it was when it is %s, and is compared when it is back', async (_, vanish) => {
    write('a.yaml', map('a'))
    write('sub/b.yaml', map('b'))
    await start()
    vanish()
    await until(() => health === 'failing')
    await delay(2 * settings.removeQuietMs)
    expect(contents()).toBe('a=1 b=1')
    expect(told.filter((line) => line.startsWith('error folder_unreadable'))).toHaveLength(1)

    mkdirSync(root)
    write('a.yaml', map('a', '2'))
    await until(() => contents() === 'a=2')
    expect(health).toBe('passing')
    write('sub/c.yaml', map('c'))
    await until(() => contents() === 'a=2 c=1')
  })

  it('is not taken for empty when an empty one stands in its place', async () => {
    write('a.yaml', map('a'))
    await start()
    renameSync(root, join(above, 'away'))
    mkdirSync(root)
    await until(() => health === 'failing')
    await delay(2 * settings.removeQuietMs)
    expect(contents()).toBe('a=1')
  })

  it('may come later than the watcher', async () => {
    rmSync(root, { recursive: true })
    const started = start()
    await until(() => health === 'failing')
    write('a.yaml', map('a'))
    await started
    expect(contents()).toBe('a=1')
  })
})
