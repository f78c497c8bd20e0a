// docs/self-managed-proxies.md, followed to the letter: its commands, a real Envoy, and a request through it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from '@jest/globals'
import { startDeliveryRig } from '@penstock/delivery/rig'
import { endWithParent, envoyPath, exchange, freePorts, startEchoBackend, until } from '@penstock/testkit'
import { startXdsServer, type XdsService } from '@penstock/xds-server'
import { attachment, fleet, listener, rule, service } from '../plane-envoy/records.ts'

const root = resolve(import.meta.dirname, '../..')

/** What a reader types, one text per block. */
async function commandsOf(page: string): Promise<string[]> {
  const text = await readFile(join(root, page), 'utf8')
  return [...text.matchAll(/```sh\n([^]*?)```/g)].map(([, block = '']) => block)
}

/** A folder in which `penstock` and `envoy` are what the reader has. */
async function readersFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-reader-'))
  stack.defer(() => rm(folder, { recursive: true }))
  const programs = {
    penstock: `exec '${process.execPath}' '${join(root, 'apps/cli/dist/main.js')}' "$@"`,
    envoy: `exec '${envoyPath()}' "$@" --disable-hot-restart --concurrency 1 --base-id ${process.pid % 10_000}99`,
  }
  for (const [name, line] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${line}\n`)
    await chmod(join(folder, name), 0o755)
  }
  return folder
}

it('gives a proxy what it needs to be one of its fleet', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = await readersFolder(stack)
  const [port = 0, xdsPort = 0] = await freePorts(2)
  const blocks = await commandsOf('docs/self-managed-proxies.md')
  const script = blocks.slice(0, -1).join('').replace('18000', String(xdsPort)).replace('default~gw', fleet)
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` }
  const done = spawnSync('sh', ['-e', '-c', script], { cwd: folder, env, encoding: 'utf8' })
  expect(done).toMatchObject({ status: 0, stderr: '' })

  const backend = stack.use(await startEchoBackend('mine'))
  const rig = stack.use(
    await startDeliveryRig<XdsService>({
      service: 'xds-server',
      start: ({ config, ...parts }) => {
        const told = { xdsPort, install: 'prod', xdsTls: join(folder, 'installation/tls/xds-server') }
        return startXdsServer({ ...parts, config: { ...config, ...told } })
      },
    }),
  )
  const web = listener('web', { port })
  const backends = service('mine', [backend.port])
  const target = { $case: 'backend', value: backends[0]?.key ?? '' } as const
  const route = rule('all', [attachment(web, 'example.com')], { backends: [{ weight: 1, filters: [], target }] })
  await rig.commit(...[web, ...backends, route].map(({ key, record }) => [key, record] as const))

  const envoy: ChildProcess = spawn('sh', ['-c', `exec ${blocks.at(-1)}`], { cwd: folder, env, stdio: 'ignore' })
  const guard = endWithParent(envoy.pid as number)
  stack.defer(async () => {
    envoy.kill('SIGKILL')
    guard.kill('SIGKILL')
    if (envoy.exitCode === null && envoy.signalCode === null) await once(envoy, 'exit')
  })
  const answer = () =>
    exchange({ port, host: 'example.com', path: '/' }).catch((error: unknown) => ({ status: String(error) }))
  await until('a request goes through', async () => (await answer()).status === 200)
  expect(rig.lines.filter(({ event }) => event === 'proxy refused')).toEqual([])
}, 60_000)
