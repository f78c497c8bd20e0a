import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startNatsServer } from '@penstock/testkit'
import { busPartsOf } from '../bus.ts'
import { openConnection } from '../nats-connection.ts'
import { createNatsTransport } from '../nats-transport.ts'
import { through } from './nats-line.ts'
import type { Broker } from './rig.ts'

export async function startNatsBroker(): Promise<Broker> {
  const first = await startNatsServer()
  let server = first
  const stored = join(first.dir, 'store')
  const whileDown = async (action: () => Promise<void>): Promise<void> => {
    await server.kill()
    await action()
    server = await startNatsServer({ dir: first.dir, port: first.port })
  }
  return {
    async transport(options, line) {
      const parts = busPartsOf(options)
      const connection = await openConnection({ servers: server.url }, options, parts)
      return createNatsTransport(through(line, connection), options, parts)
    },
    restart: () => whileDown(async () => {}),
    wipe: () => whileDown(() => rm(stored, { recursive: true })),
    async save() {
      const saved = `${stored}-saved`
      await whileDown(() => cp(stored, saved, { recursive: true }))
      return () =>
        whileDown(async () => {
          await rm(stored, { recursive: true })
          await cp(saved, stored, { recursive: true })
        })
    },
    async freeze() {
      const { pid } = server
      process.kill(pid, 'SIGSTOP')
      return () => process.kill(pid, 'SIGCONT')
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      await first.stop()
    },
  }
}
