// For tests: a client that does not hear for a while what is delivered to it.
import type { StreamDoor, Tail, TailSink } from './stream-door.ts'

/** What arrives while nobody listens waits, in order. */
export function waitingTail(
  open: StreamDoor['tail'],
  sink: TailSink,
  { inboxes, isDeaf }: { inboxes: Set<() => void>; isDeaf(): boolean },
): Tail {
  let waiting: (() => void)[] = []
  const empty = (): void => {
    while (!isDeaf()) {
      const next = waiting.shift()
      if (next === undefined) return
      next()
    }
  }
  inboxes.add(empty)
  const later = (action: () => void): void => {
    waiting.push(action)
    empty()
  }
  const tail = open({
    start: (start) => later(() => sink.start(start)),
    message: (message) => later(() => sink.message(message)),
    drained: () => later(() => sink.drained()),
  })
  return {
    restart(reason) {
      waiting = []
      tail.restart(reason)
    },
    async [Symbol.asyncDispose]() {
      inboxes.delete(empty)
      waiting = []
      await tail[Symbol.asyncDispose]()
    },
  }
}
