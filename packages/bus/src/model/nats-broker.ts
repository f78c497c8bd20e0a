// A real nats-server, which is killed and started on another past.
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { type NatsServer, startNatsServer } from '@penstock/testkit'
import { busPartsOf } from '../bus.ts'
import { createLine } from '../contract/line.ts'
import { through } from '../contract/nats-line.ts'
import { openConnection } from '../nats-connection.ts'
import { createNatsTransport } from '../nats-transport.ts'
import type { ModelBroker } from './broker.ts'

export async function startNatsBroker(): Promise<ModelBroker> {
  const first = await startNatsServer()
  const [stored, saved] = [join(first.dir, 'store'), join(first.dir, 'saved')]
  let server: NatsServer | undefined = first
  let hasBackup = false
  const stop = async (): Promise<void> => {
    await server?.kill()
    server = undefined
  }
  const start = async (): Promise<void> => {
    server ??= await startNatsServer({ dir: first.dir, port: first.port })
  }
  const wipe = (): Promise<void> => rm(stored, { recursive: true, force: true })
  return {
    get up() {
      return server !== undefined
    },
    stop,
    start,
    wipe,
    async connect(options) {
      const parts = busPartsOf(options)
      const line = createLine()
      const connection = through(line, await openConnection({ servers: first.url }, options, parts))
      const transport = await createNatsTransport(connection, options, parts)
      return { transport, cut: () => line.cut(), join: () => line.mend() }
    },
    async backup() {
      const wasUp = server !== undefined
      await stop()
      await rm(saved, { recursive: true, force: true })
      await cp(stored, saved, { recursive: true })
      hasBackup = true
      if (wasUp) await start()
    },
    async restore() {
      if (!hasBackup) return
      await wipe()
      await cp(saved, stored, { recursive: true })
    },
    async deleteStream(name) {
      if (server === undefined) return
      await using admin = await openAdmin(first.url)
      await admin.delete(name)
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await first.stop()
    },
  }
}

async function openAdmin(servers: string): Promise<AsyncDisposable & { delete(stream: string): Promise<void> }> {
  const nats = await connect({ servers })
  const manager = await jetstreamManager(nats, { checkAPI: false })
  return {
    // A stream that is not there is as good as deleted.
    delete: async (stream) => void (await manager.streams.delete(stream).catch(() => {})),
    [Symbol.asyncDispose]: () => nats.close(),
  }
}
