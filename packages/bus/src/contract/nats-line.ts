// A connection to NATS as seen through one client's line.

import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { Fault } from '@penstock/fault'
import type { Connection } from '../nats-connection.ts'
import { type Line, soundLine } from './line.ts'

/** What JetStream delivers, and its heartbeats, are lost with the line; so is every question. */
export function through(line: Line, connection: Connection): Connection {
  if (line === soundLine) return connection
  const nats = Object.create(connection.nats) as NatsConnection
  const carries = (message: Msg): boolean => (message.reply?.startsWith('$JS.ACK.') ? line.carries() : line.up)
  nats.subscribe = (subject, options) =>
    connection.nats.subscribe(subject, {
      ...options,
      callback: (error, message) => {
        if (error !== null || carries(message)) void options?.callback?.(error, message)
      },
    })
  return {
    ...connection,
    nats,
    get connected() {
      return connection.connected
    },
    ask: (question) =>
      line.up ? connection.ask(question) : Promise.reject(new Fault('bus_unreachable', 'the line is cut')),
  }
}
