import { describe, expect, it } from '@jest/globals'
import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream'
import { createNatsStream } from './nats-stream.ts'
import type { NatsTransportContext } from './nats-transport.ts'
import { settingsWith } from './settings.ts'

/** A server from before atomic batches: it drops the fields that it does not know, without a word. */
const forgetful = {
  streams: {
    info: async (name: string) => ({ config: { name }, created: '2026-01-01T00:00:00Z', state: { last_seq: 0 } }),
    update: async (_: string, { allow_atomic: _atomic, allow_msg_ttl: _ttl, ...known }: StreamConfig) => ({
      config: known,
    }),
  },
} as unknown as JetStreamManager

describe('a server that silently drops fields of a stream', () => {
  it('is found out when the definition is read back', async () => {
    const connection = { ask: <T>(question: () => Promise<T>) => question() } as NatsTransportContext['connection']
    const context = { connection, manager: forgetful, settings: settingsWith() } as NatsTransportContext
    const stream = createNatsStream(context, { name: 's', subjects: 's.>' })
    await expect(stream.ensure()).rejects.toMatchObject({
      code: 'bus_misconfigured',
      message: 'stream s: the server did not take allow_atomic, allow_msg_ttl',
    })
  })
})
