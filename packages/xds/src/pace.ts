// How fast one stream is read. A proxy that asks faster waits, with all that it still sends, and the others do not.
import type { Readable } from 'node:stream'

/** To be called for each thing read: stops reading for as long as it takes to be at `perSecond` again. */
export function createPace(source: Readable, perSecond: number): () => void {
  const costMs = 1_000 / perSecond
  // As much as a second's worth may come at once.
  let paidUntilMs = -Infinity
  return () => {
    const nowMs = performance.now()
    paidUntilMs = Math.max(paidUntilMs, nowMs - 1_000) + costMs
    if (paidUntilMs <= nowMs) return
    source.pause()
    setTimeout(() => source.resume(), paidUntilMs - nowMs).unref()
  }
}
