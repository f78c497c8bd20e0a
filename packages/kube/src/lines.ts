// A stream of bytes as lines. Lines are cut before they are decoded, so a character that is split over two chunks is
// whole again, and the pieces of a long line are joined once.
import { Fault } from '@penstock/fault'

const newline = 0x0a

export interface LineReader {
  /** The lines that this chunk completes. */
  take(chunk: Buffer): string[]
  /** Bytes of a line without an end. */
  readonly pendingBytes: number
}

export function createLineReader(maxLineBytes: number): LineReader {
  let pending: Buffer[] = []
  let pendingBytes = 0
  const keep = (piece: Buffer): void => {
    pendingBytes += piece.length
    if (pendingBytes > maxLineBytes) {
      throw new Fault('kube_unreadable', `a line of more than ${maxLineBytes} bytes`)
    }
    pending.push(piece)
  }
  return {
    take(chunk) {
      const lines: string[] = []
      let start = 0
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        keep(chunk.subarray(start, end))
        if (pendingBytes > 0) lines.push(Buffer.concat(pending).toString('utf8'))
        pending = []
        pendingBytes = 0
        start = end + 1
      }
      if (start < chunk.length) keep(chunk.subarray(start))
      return lines
    },
    get pendingBytes() {
      return pendingBytes
    },
  }
}
