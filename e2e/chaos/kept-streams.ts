// Streams that are open as long as the course lasts: each is opened again when it was allowed to end.
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@penstock/testkit'
import type { HeldStream } from './held-streams.ts'

export type OpenStream = (onCut: (why: string) => void) => Promise<HeldStream>

/** Over all lives of one stream. */
export type StreamTally = Pick<HeldStream, 'name' | 'echoes' | 'longestGapMs'>

export interface KeptStreams {
  readonly tallies: readonly StreamTally[]
  close(): Promise<void>
}

/** `onCut` says whether the stream is to be opened again. */
export async function keepStreams(opens: readonly OpenStream[], onCut: (why: string) => boolean): Promise<KeptStreams> {
  const kept = await Promise.all(opens.map((open) => keepStream(open, onCut)))
  return {
    get tallies() {
      return kept.map(({ lives }) => tallyOf(lives))
    },
    async close() {
      for (const { close } of kept) await close()
    },
  }
}

async function keepStream(open: OpenStream, onCut: (why: string) => boolean) {
  const lives: HeldStream[] = []
  let opening = Promise.resolve<unknown>(undefined)
  const begin = async (): Promise<void> => {
    let isCut = false
    const again = (why: string): void => {
      // A stream that ends in the middle says so more than once.
      if (isCut) return
      isCut = true
      if (onCut(why))
        opening = until('a stream is open again', () =>
          begin()
            .then(() => true)
            .catch(() => delay(100, false)),
        )
    }
    lives.push(await open(again))
  }
  await begin()
  return {
    lives,
    async close(): Promise<void> {
      await opening
      await lives.at(-1)?.close()
    },
  }
}

function tallyOf(lives: readonly HeldStream[]): StreamTally {
  const [{ name } = { name: '' }] = lives
  const echoes = lives.reduce((sum, life) => sum + life.echoes, 0)
  return { name, echoes, longestGapMs: Math.max(...lives.map((life) => life.longestGapMs)) }
}
