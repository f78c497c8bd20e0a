// `npm start -- --plane agentgateway`: the quickstart on another proxy, in whose place stands the strict client.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, jest } from '@jest/globals'
import { exchange, freePorts, until } from '@penstock/testkit'
import { writeStandIn } from '@penstock/testkit/agentgateway'
import { failToStart, startLocalStack } from './local-stack.ts'
import { isRunning } from './process-tree.ts'

// Each wait has a deadline of its own.
jest.setTimeout(150_000)

const folder = mkdtempSync(join(tmpdir(), 'penstock-start-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('runs the quickstart, an edit of it, and leaves nothing behind', async () => {
  process.env['AGENTGATEWAY_BIN'] = writeStandIn(folder)
  const [port = 0] = await freePorts(11)
  const flags = ['--port', `${port}`, '--backend-port', `${port + 1}`, '--base-port', `${port + 3}`, '--data', 'data']
  await using stack = await startLocalStack(folder, ['--plane', 'agentgateway', ...flags])
  const ask = async (path: string): Promise<number> => (await exchange({ port, path })).status
  expect(await ask('/')).toBe(200)
  const live = stack.line(/^live HTTPRoute default\/web (\d+) ms$/)
  const web = join(folder, 'playground/web.yaml')
  writeFileSync(web, readFileSync(web, 'utf8').replace('value: /', 'value: /hello'))
  await live
  expect([await ask('/hello'), await ask('/')]).toEqual([200, 404])
  const processes = stack.processes()
  const commands = processes.map(({ command }) => command).join('\n')
  expect(commands).toContain('agentgateway-server')
  expect(commands).not.toContain('envoy')
  await stack.end('SIGINT')
  await until('nothing is left', () => !processes.some(isRunning))
  expect(stack.lines.at(-1)).toBe('stopped')
})

it('without the proxy says in a line where to get it', async () => {
  process.env['AGENTGATEWAY_BIN'] = join(folder, 'nothing')
  const { lines, code } = await failToStart(folder, ['--plane', 'agentgateway'])
  expect({ lines, code }).toEqual({ lines: [expect.stringContaining('there is no agentgateway')], code: 1 })
})
