// The transport over one NATS connection.
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { BusParts } from './bus.ts'
import type { Connection } from './nats-connection.ts'
import { createNatsCopies, type NatsCopies } from './nats-copies.ts'
import { createNatsLeases } from './nats-leases.ts'
import { createNatsStream } from './nats-stream.ts'
import { createsLeases, keepsLeases } from './permissions.ts'
import { inboxPrefix, type Place } from './subject-space.ts'
import type { Transport } from './transport.ts'

export interface NatsTransportContext extends BusParts {
  readonly connection: Connection
  readonly jetStream: JetStreamClient
  readonly manager: JetStreamManager
  readonly inboxPrefix: string
  readonly createsLeases: boolean
  readonly keepsLeases: boolean
  readonly copies: NatsCopies
}

export async function createNatsTransport(connection: Connection, place: Place, parts: BusParts): Promise<Transport> {
  const options = { timeout: parts.settings.requestTimeoutMs, checkAPI: false }
  const manager = await jetstreamManager(connection.nats, options)
  const copies = createNatsCopies({ ...parts, connection, manager })
  const context: NatsTransportContext = {
    ...{ ...parts, connection, manager, copies },
    jetStream: jetstream(connection.nats, options),
    inboxPrefix: inboxPrefix(place),
    createsLeases: createsLeases(place.service),
    keepsLeases: keepsLeases(place.service),
  }
  return {
    get connected() {
      return connection.connected
    },
    onConnected: (listener) => connection.onConnected(listener),
    get maxMessageBytes() {
      return connection.nats.info?.max_payload ?? 1024 * 1024
    },
    stream: (definition) => createNatsStream(context, definition),
    leases: (bucket) => createNatsLeases(context, bucket),
    ledWhile: (leads) => copies.changeWhile(leads),
    closed: connection.closed,
    close() {
      copies.close()
      return connection.close()
    },
  }
}
