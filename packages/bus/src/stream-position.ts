// Where a reader is in a stream, and whether it can go on there.

export interface StreamInfo {
  readonly createdMs: number
  readonly lastSequence: number
}

/**
 * Where delivery may go on; undefined: it must start again, since this is another stream or it lost messages. It goes on
 * with the last message once more: where a store lost its end and was filled again just as far, another one lies there.
 */
export function resumeFrom(position: StreamInfo | undefined, now: StreamInfo): number | undefined {
  if (position === undefined || position.createdMs !== now.createdMs) return undefined
  return position.lastSequence === 0 || now.lastSequence < position.lastSequence ? undefined : position.lastSequence
}
