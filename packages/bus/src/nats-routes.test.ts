// Servers of one cluster know each other by a password that stands in the URLs of their routes: nobody else sees it.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals'
import { freePorts, type NatsServer, startNatsServer, until } from '@penstock/testkit'
import { natsRoutes } from './nats-server-config.ts'

jest.setTimeout(60_000)

const password = 'known-to-servers-alone'
const parts = new AsyncDisposableStack()
let folder = ''
let ports: readonly number[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-routes-'))
  parts.defer(() => rm(folder, { recursive: true }))
  ports = await freePorts(3)
})
afterAll(() => parts.disposeAsync())

async function start(index: number, routes: string): Promise<NatsServer> {
  // In an installation each has an address of its own, and the port is one.
  const placed = routes.replaceAll(/@(\d):6222/g, (_, other: string) => `@127.0.0.1:${ports[Number(other)]}`)
  const cluster = `cluster { name: it, listen: "127.0.0.1:${ports[index]}"\n${placed}\n}`
  const config = `server_name: n${index}\nhttp: "127.0.0.1:-1"\n${cluster}`
  return parts.use(await startNatsServer({ dir: join(folder, `${index}`), config }))
}

const page = async (server: NatsServer, path: string): Promise<string> =>
  (await fetch(`${server.monitoring}/${path}`)).text()

it('connects servers that have it, refuses one that has another, and is shown to nobody', async () => {
  const hosts = ['0', '1']
  const servers = [await start(0, natsRoutes(hosts, password)), await start(1, natsRoutes(hosts, password))]
  await until('they are connected', async () =>
    (await Promise.all(servers.map((server) => page(server, 'routez')))).every(
      (text) => !text.includes('"num_routes": 0'),
    ),
  )
  const stranger = await start(2, natsRoutes(['0'], 'guessed'))
  const logs = (): Promise<string[]> =>
    Promise.all(['0', '1'].map((dir) => readFile(join(folder, dir, 'nats.log'), 'utf8')))
  await until('the stranger is refused', async () => (await logs()).join('').includes('Authentication Failure'))
  expect(JSON.parse(await page(stranger, 'routez'))).toMatchObject({ num_routes: 0 })

  const shown = servers.flatMap((server) => [
    ...['varz', 'routez', 'connz', 'jsz'].map((path) => page(server, path)),
    ...['cmdline', 'environ'].map((file) => readFile(`/proc/${server.pid}/${file}`, 'utf8')),
  ])
  const texts = [...(await logs()), ...(await Promise.all(shown))]
  expect(texts.filter((text) => text.includes(password))).toEqual([])
})
