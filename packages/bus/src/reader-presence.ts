// What this process reads, told to the writers, so that none of them gets ahead of it (design section 3, versions).
import type { Presence, Reading } from '@penstock/ir'
import type { Announcer } from './announcer.ts'
import type { CommittedChannel } from './channel.ts'

export interface ReaderPresence extends AsyncDisposable {
  /**
   * A channel counts once a whole state of it was applied, and not while its newest commit is too new to be read: for who
   * holds its last state already it is too late to wait.
   */
  reads(channel: Pick<CommittedChannel<never>, 'name' | 'major' | 'schema'>, does: boolean): void
}

interface Reader {
  readonly service: string
  readonly instance: string
  /** Unlike that of any other process, also of the one before it of the same name. */
  readonly process: string
}

export function createReaderPresence(announcer: Announcer<Presence>, reader: Reader): ReaderPresence {
  const { service, instance, process } = reader
  const key = `${service}/${instance}.${process}`
  const reads = new Map<string, Reading>()
  let closed = false
  return {
    reads({ name, major, schema }, does) {
      if (closed || reads.has(name) === does) return
      if (does) reads.set(name, { channel: name, major, schema })
      else reads.delete(name)
      if (reads.size === 0) announcer.delete(key)
      else announcer.put(key, { service, instance, reads: [...reads.values()] })
    },
    async [Symbol.asyncDispose]() {
      closed = true
      await announcer[Symbol.asyncDispose]()
    },
  }
}
