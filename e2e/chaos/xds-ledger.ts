// What Envoy has, by its own word: what it brings to a stream and what it acknowledges there. So it can be told what was
// sent although Envoy had it.
import type { XdsListener } from '../features/xds-tap.ts'
import type { XdsMessage, XdsRequest, XdsResource } from '../features/xds-wire.ts'

export interface XdsLedger extends XdsListener {
  /** What Envoy has now, as `<type> <name>`. */
  readonly held: ReadonlyMap<string, XdsResource>
  /** Resources and removals sent so far. */
  readonly sentCount: number
}

/** One type on one stream. */
interface Lane {
  /** Name and version of what Envoy has, or has been sent. */
  readonly has: Map<string, string>
  flight: XdsMessage | undefined
}

/** `onResent` is told each resource that Envoy had already, in this version. */
export function createXdsLedger(onResent: (resource: string) => void): XdsLedger {
  const lanes = new Map<string, Lane>()
  const held = new Map<string, XdsResource>()
  /** What was sent last, acknowledged or not. */
  const lastSent = new Map<string, XdsResource>()
  let sentCount = 0
  return {
    held,
    get sentCount() {
      return sentCount
    },
    sent(stream, message) {
      const lane = lanes.get(`${stream} ${message.typeUrl}`)
      sentCount += message.resources.length + message.removed.length
      for (const resource of message.resources) {
        const key = keyOf(message, resource.name)
        if (lane?.has.get(resource.name) === resource.version) onResent(key)
        lastSent.set(key, resource)
      }
      if (lane) lane.flight = message
    },
    asked(stream, request) {
      const key = `${stream} ${request.typeUrl}`
      const known = lanes.get(key)
      if (!known) {
        forgetAllBut(request, held)
        learnFrom(request, held, lastSent)
      }
      const lane: Lane = known ?? { has: new Map(request.has), flight: undefined }
      lanes.set(key, lane)
      const { flight } = lane
      if (flight && flight.nonce === request.nonce) {
        lane.flight = undefined
        if (!request.refused) accept(lane, held, flight)
      }
      // Who asks anew for a name wants an answer, whatever it has.
      const forgotten = [...request.unsubscribed, ...(known ? request.subscribed : [])]
      for (const name of forgotten) lane.has.delete(name)
      for (const name of request.unsubscribed) held.delete(keyOf(request, name))
    },
  }
}

/** What Envoy let go between two streams. */
function forgetAllBut({ typeUrl, has }: XdsRequest, held: Map<string, XdsResource>): void {
  const brought = new Set(has.map(([name]) => keyOf({ typeUrl }, name)))
  for (const key of held.keys()) if (key.startsWith(keyOf({ typeUrl }, '')) && !brought.has(key)) held.delete(key)
}

/** A stream may end between what it brought and the answer to that: what came of it, the next stream says. */
function learnFrom(request: XdsRequest, held: Map<string, XdsResource>, sent: ReadonlyMap<string, XdsResource>): void {
  for (const [name, version] of request.has) {
    const key = keyOf(request, name)
    const resource = sent.get(key)
    if (resource?.version === version) held.set(key, resource)
  }
}

function accept(lane: Lane, held: Map<string, XdsResource>, message: XdsMessage): void {
  for (const resource of message.resources) {
    lane.has.set(resource.name, resource.version)
    held.set(keyOf(message, resource.name), resource)
  }
  for (const name of message.removed) {
    lane.has.delete(name)
    held.delete(keyOf(message, name))
  }
}

const keyOf = ({ typeUrl }: { readonly typeUrl: string }, name: string): string =>
  `${typeUrl.slice(typeUrl.lastIndexOf('.') + 1)} ${name}`
