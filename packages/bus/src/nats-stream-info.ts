// What JetStream says about a stream, or that there is none.
import { JetStreamApiCodes, JetStreamApiError, type StreamInfo as NatsStreamInfo } from '@nats-io/jetstream'
import type { NatsTransportContext } from './nats-transport.ts'
import type { StreamInfo } from './stream-position.ts'

export const infoOf = (info: NatsStreamInfo): StreamInfo => ({
  createdMs: Date.parse(info.created),
  lastSequence: info.state.last_seq,
})

export function natsStreamInfo(
  { connection, manager }: Pick<NatsTransportContext, 'connection' | 'manager'>,
  name: string,
): Promise<NatsStreamInfo | undefined> {
  return connection.ask(async () => {
    try {
      return await manager.streams.info(name)
    } catch (thrown) {
      if (thrown instanceof JetStreamApiError && thrown.code === JetStreamApiCodes.StreamNotFound) return undefined
      throw thrown
    }
  })
}
