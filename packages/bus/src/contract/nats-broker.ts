import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startNatsServer } from '@penstock/testkit'
import { busPartsOf } from '../bus.ts'
import { openConnection } from '../nats-connection.ts'
import { createNatsTransport } from '../nats-transport.ts'
import type { Broker } from './rig.ts'

export async function startNatsBroker(): Promise<Broker> {
  const first = await startNatsServer()
  let server = first
  const again = async (): Promise<void> => {
    server = await startNatsServer({ dir: first.dir, port: first.port })
  }
  return {
    async transport(options) {
      const parts = busPartsOf(options)
      return createNatsTransport(await openConnection({ servers: server.url }, options, parts), options, parts)
    },
    async restart() {
      await server.kill()
      await again()
    },
    async wipe() {
      await server.kill()
      await rm(join(first.dir, 'store'), { recursive: true })
      await again()
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      await first.stop()
    },
  }
}
