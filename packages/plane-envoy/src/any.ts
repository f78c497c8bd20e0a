// Envoy's extensions travel as Any: a type URL and the encoded message.
import type { Any } from './gen/google/protobuf/any.ts'

/** What ts-proto generates for a message, as far as an emitter needs it. */
export interface Codec<T> {
  encode(message: T): { finish(): Uint8Array }
}

/** `name` is the message's full name in the protocol, such as "envoy.config.route.v3.FilterConfig". */
export function packAny<T>(name: string, codec: Codec<T>, message: T): Any {
  return { typeUrl: typeUrl(name), value: codec.encode(message).finish() }
}

export const typeUrl = (name: string): string => `type.googleapis.com/${name}`
