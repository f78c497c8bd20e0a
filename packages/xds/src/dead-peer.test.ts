import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, it } from '@jest/globals'
import { cluster, heldBy, set, startRig } from './rig.ts'

interface Relay extends AsyncDisposable {
  readonly port: number
  /** No byte passes any more, in either direction; nobody is told. */
  freeze(): void
}

/** A wire between a client and `port` that can freeze, as a machine does that is gone without a word. */
async function startRelay(port: number): Promise<Relay> {
  const sockets: Socket[] = []
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) socket.on('error', () => {})
    sockets.push(near, far)
    near.pipe(far)
    far.pipe(near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    freeze() {
      for (const socket of sockets) socket.unpipe().pause()
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('a proxy that is gone without a word', () => {
  it.each([
    ['silent', { keepaliveMs: 50, keepaliveTimeoutMs: 50 }, 0],
    ['owing an answer', { answerTimeoutMs: 100, keepaliveMs: 600_000 }, 1],
  ])('is noticed while %s, and its fleet goes on', async (_, settings, commits) => {
    await using rig = await startRig({ ...settings, closeTimeoutMs: 100 })
    await using relay = await startRelay(rig.server.port)
    rig.commit(set(cluster, 'a', '0'))
    const good = rig.client('good')
    const far = rig.client('far', { port: relay.port })
    for (const client of [good, far]) {
      rig.comesBack(client)
      client.subscribe(cluster)
    }
    await good.until(() => rig.server.proxies('f').filter((proxy) => proxy.acknowledgedCommit === 1).length === 2)
    relay.freeze()
    for (let commit = 1; commit <= commits; commit += 1) rig.commit(set(cluster, 'a', String(commit)))
    await good.until(() => rig.server.proxies('f').every(({ proxy }) => proxy === 'good'))
    rig.commit(set(cluster, 'a', 'later'))
    await good.until(() => heldBy(good, cluster).join() === 'a=later')
  })
})
