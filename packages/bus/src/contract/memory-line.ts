// A broker in memory as seen through one client's line.
import { Fault } from '@penstock/fault'
import type { MemoryStore } from '../memory-store.ts'
import type { MemoryStream } from '../memory-stream.ts'
import { type Line, soundLine } from './line.ts'

/** The client notices a lost message as it would notice a broken connection, and connects again at once if it can. */
export function through(line: Line, store: MemoryStore): MemoryStore {
  if (line === soundLine) return store
  let noticed = false
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of [...listeners]) listener()
  }
  const reconnect = (): void => {
    noticed = true
    tell()
    noticed = false
    tell()
  }
  const seen = new WeakMap<MemoryStream, MemoryStream>()
  const lossy = (stream: MemoryStream): MemoryStream => {
    const known = seen.get(stream) ?? losing(stream, line, () => queueMicrotask(reconnect))
    seen.set(stream, known)
    return known
  }
  store.onChange(tell)
  line.onMended(reconnect)
  return {
    ...store,
    get up() {
      return store.up && line.up && !noticed
    },
    stream(name) {
      const stream = store.stream(name)
      return stream && lossy(stream)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    lease(key) {
      if (!line.up) throw new Fault('bus_unreachable', 'the line is cut')
      return store.lease(key)
    },
  }
}

function losing(stream: MemoryStream, line: Line, lost: () => void): MemoryStream {
  return {
    get info() {
      return stream.info
    },
    append: (messages, expected) => stream.append(messages, expected),
    close: () => stream.close(),
    copy: () => stream.copy(),
    read(position, sink) {
      let broken = false
      return stream.read(position, {
        start: (start) => sink.start(start),
        message(message) {
          if (!broken && line.carries()) return sink.message(message)
          if (!broken) lost()
          broken = true
        },
        drained: () => void (broken || sink.drained()),
      })
    },
  }
}
