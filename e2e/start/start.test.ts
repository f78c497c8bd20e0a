// What a newcomer does on the first day: `npm start`, a request, an edit, a mistake, Ctrl-C, and the same again.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { exchange, freePorts, until } from '@penstock/testkit'
import { beginLocalStack, failToStart, type LocalStack, root, startLocalStack } from './local-stack.ts'
import { isRunning } from './process-tree.ts'

// Each wait has a deadline of its own.
jest.setTimeout(60_000)

const folder = mkdtempSync(join(tmpdir(), 'penstock-start-'))
const web = join(folder, 'playground/web.yaml')
const [gatewayPort, backendPort, basePort] = [0, 1, 3]
let first = 0
let ports: string[] = []
let stack: LocalStack | undefined

beforeAll(async () => {
  for (const app of readdirSync(join(root, 'apps'))) {
    const main = join(root, 'apps', app, 'dist/main.js')
    if (!existsSync(main)) throw new Error(`apps/${app} is not built: run npm test, which builds first`)
  }
  ;[first = 0] = await freePorts(11)
  ports = ['--backend-port', `${first + backendPort}`, '--base-port', `${first + basePort}`]
  stack = await startLocalStack(folder, [...ports, '--port', `${first + gatewayPort}`, '--data', 'data'])
}, 150_000)

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

function running(): LocalStack {
  if (!stack) throw new Error('the stack is not running')
  return stack
}

const ask = async (path: string): Promise<number> => (await exchange({ port: first + gatewayPort, path })).status

/** Saves as simple editors do: in place. */
const save = (change: (text: string) => string): void => writeFileSync(web, change(readFileSync(web, 'utf8')))

/** Ends the stack and looks for what it left. */
async function endAndLook(signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
  const processes = running().processes()
  const commands = processes.map(({ command }) => command).join('\n')
  for (const part of [
    'nats-server',
    'envoy -c',
    'echo.mjs',
    'watcher',
    'translator',
    'xds-server',
    'status-reporter',
  ]) {
    expect(commands).toContain(part)
  }
  await running().end(signal)
  await until('nothing is left', () => !processes.some(isRunning))
  expect(running().lines.at(-1)).toBe('stopped')
}

describe('npm start', () => {
  it('prints a request to try, which the demo answers', async () => {
    const [, command = '', url = ''] =
      (await until('the line to try', () =>
        running()
          .lines.join('\n')
          .match(/try +(curl .*?(http:\S+))/),
      )) ?? []
    expect(url).toBe(`http://127.0.0.1:${first}/`)
    const answer = execFileSync('sh', ['-c', `command -v curl > /dev/null || exec echo missing; ${command} --silent`])
    if (`${answer}`.trim() !== 'missing') expect(`${answer}`).toMatch(/^HTTP\/1.1 200 [^]*"backend": "hello-v[12]"/)
    expect((await fetch(url)).status).toBe(200)
  })

  it('says when an edit is live, and the next request meets it', async () => {
    const live = running().line(/^live HTTPRoute default\/web (\d+) ms$/)
    save((text) => text.replace('value: /', 'value: /hello'))
    await live
    expect([await ask('/hello'), await ask('/')]).toEqual([200, 404])
  })

  it('says what is wrong with broken YAML, and goes on as before', async () => {
    const good = readFileSync(web, 'utf8')
    const line = good.split('\n').findIndex((text) => text.includes('port: 80')) + 1
    const refused = running().line(/^refused web\.yaml:(\d+) (.*)/)
    save((text) => text.replace('port: 80', 'prot: 80'))
    const [, at, reason] = await refused
    expect([Number(at), reason]).toEqual([line, expect.stringContaining('spec.rules[0].backendRefs[0].prot')])
    expect([await ask('/hello'), await ask('/')]).toEqual([200, 404])

    const accepted = running().line(/^accepted web\.yaml$/)
    save(() => good)
    await accepted
    expect(await ask('/hello')).toBe(200)
  })

  it('names a port that is taken, with the flag that moves it', async () => {
    const { code, lines } = await failToStart(folder, [...ports, '--port', `${first}`, '--data', 'other'])
    expect(code).toBe(1)
    for (const [port, flag] of [
      [first + gatewayPort, '--port'],
      [first + backendPort, '--backend-port'],
      [first + basePort, '--base-port'],
    ]) {
      expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^port ${port} .* with ${flag} <number>$`)))
    }
  })

  it('has printed no more than a line for each', () => {
    const { lines } = running()
    const said = lines.slice(lines.findIndex((line) => line.startsWith('ready')) + 3)
    expect(said.map((line) => line.split(' ')[0])).toEqual(['live', 'refused', 'accepted'])
  })

  it('ends all that it started on Ctrl-C', () => endAndLook('SIGINT'))

  it('ends all that it started on Ctrl-C before it is ready', async () => {
    await using early = beginLocalStack(folder, [...ports, '--data', 'data'])
    const names = (): string =>
      early
        .processes()
        .map(({ command }) => command)
        .join()
    await until('a service is starting', () => /watcher\/dist/.test(names()))
    const processes = early.processes()
    await early.end('SIGINT')
    await until('nothing is left', () => !processes.some(isRunning))
    expect(early.lines.filter((line) => line.startsWith('ready'))).toEqual([])
  })

  it('is back, on a folder of your own', async () => {
    stack = await startLocalStack(folder, [...ports, '--config', 'playground', '--data', 'data'])
    process.stdout.write(`npm start: the second start was ready after ${(running().readyMs / 1_000).toFixed(1)} s\n`)
    expect([await ask('/hello'), await ask('/')]).toEqual([200, 404])
    await endAndLook('SIGTERM')
  })
})
