// The bus over NATS JetStream.
import { type Bus, type BusOptions, busPartsOf, createBus } from './bus.ts'
import { type NatsAccess, openConnection } from './nats-connection.ts'
import { createNatsTransport } from './nats-transport.ts'

export interface NatsBusOptions extends BusOptions, NatsAccess {}

/** Waits for NATS; rejects with a fault if the server is too old. */
export async function createNatsBus(options: NatsBusOptions): Promise<Bus> {
  const parts = busPartsOf(options)
  const connection = await openConnection(options, options, parts)
  return createBus(await createNatsTransport(connection, options, parts), options, parts)
}
