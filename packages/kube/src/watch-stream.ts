// The events of one watch, as they arrive: one batch per chunk, nothing read ahead of who takes them. It ends when the
// server ends it in order, and throws a fault when the connection breaks, falls silent, or says what is wrong.
import type { IncomingMessage } from 'node:http'
import { Fault } from '@penstock/fault'
import { parsed } from './api-client.ts'
import { apiFault, type Status } from './api-fault.ts'
import type { ApiObject } from './api-object.ts'
import type { KubeLimits } from './limits.ts'
import { createLineReader } from './lines.ts'
import { unreachable } from './transport.ts'

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: ApiObject
}

interface ErrorEvent {
  readonly type: 'ERROR'
  readonly object: Status
}

/** `what` names the watch in faults. */
export async function* watchEvents(
  stream: IncomingMessage,
  what: string,
  limits: KubeLimits,
): AsyncGenerator<readonly WatchEvent[]> {
  const reader = createLineReader(limits.maxLineBytes)
  try {
    for await (const chunk of chunksOf(stream, what, limits.silenceMs)) {
      const events: WatchEvent[] = []
      for (const line of reader.take(chunk)) {
        const event = eventOf(line, what)
        if (event.type === 'ERROR') {
          yield events
          throw statusFault(event.object, what, limits.retryMaxMs)
        }
        events.push(event)
      }
      // Also of no events: some of a long line has come, so the connection lives.
      yield events
    }
  } finally {
    stream.destroy()
  }
  if (reader.pendingBytes > 0) throw new Fault('kube_unreachable', `${what}: cut in the middle of an event`)
}

/** The silence is measured only while we wait: a slow taker is not the server's fault. */
async function* chunksOf(stream: IncomingMessage, what: string, silenceMs: number): AsyncGenerator<Buffer> {
  const chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  const silent = (): void => void stream.destroy(new Fault('kube_unreachable', `${what}: silent for ${silenceMs} ms`))
  const read = async (): Promise<IteratorResult<Buffer>> => {
    const timer = setTimeout(silent, silenceMs)
    try {
      return await chunks.next()
    } catch (thrown) {
      throw unreachable(what, thrown)
    } finally {
      clearTimeout(timer)
    }
  }
  for (let next = await read(); !next.done; next = await read()) yield next.value
}

function eventOf(line: string, what: string): WatchEvent | ErrorEvent {
  const event = parsed(line) as Partial<WatchEvent | ErrorEvent> | undefined
  if (event?.type === 'ERROR' && event.object) return event as ErrorEvent
  // A proxy between us may say anything.
  const metadata = (event?.object as Partial<ApiObject> | undefined)?.metadata
  if (typeof metadata?.resourceVersion === 'string') return event as WatchEvent
  throw new Fault('kube_unreadable', `${what}: not an event: ${line.slice(0, 100)}`)
}

function statusFault(status: Status, what: string, maxDelayMs: number): Fault {
  return apiFault(what, { status: status.code ?? 500, body: status, maxDelayMs })
}
