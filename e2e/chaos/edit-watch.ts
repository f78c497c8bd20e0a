// Which edits were made when, and when each had arrived.
import { setTimeout as delay } from 'node:timers/promises'
import type { Edit } from './edits.ts'

export interface MadeEdit {
  readonly edit: Edit
  readonly madeMs: number
  /** When it, or a later edit of its target, was seen. */
  liveMs: number | undefined
  toldMs: number | undefined
}

export interface EditWatch extends AsyncDisposable {
  make(edit: Edit): void
  between(fromMs: number, toMs: number): readonly MadeEdit[]
  /** Made until then, and not seen or told yet. */
  missing(untilMs: number): readonly MadeEdit[]
}

const lookEveryMs = 50

export function startEditWatch(): EditWatch {
  const made: MadeEdit[] = []
  let closed = false
  const seen = (look: () => boolean | Promise<boolean>): Promise<boolean> =>
    Promise.resolve()
      .then(look)
      .catch(() => false)
  /** The one of its target that waits longest has its own time, also where edits come faster than they go live. */
  const lookAtLive = async (latest: MadeEdit): Promise<void> => {
    const oldest = made.find(({ edit, liveMs }) => edit.target === latest.edit.target && liveMs === undefined)
    for (const one of new Set([latest, oldest ?? latest])) {
      if (await seen(() => one.edit.isLive())) return arrive(made, one, 'liveMs')
    }
  }
  const look = async (): Promise<void> => {
    while (!closed) {
      const latest = new Map(made.map((each) => [each.edit.target, each]))
      for (const one of latest.values()) {
        if (one.liveMs === undefined) await lookAtLive(one)
        if (one.toldMs === undefined && (await seen(() => one.edit.isTold()))) arrive(made, one, 'toldMs')
      }
      await delay(lookEveryMs)
    }
  }
  const looking = look()
  return {
    make(edit) {
      made.push({ edit, madeMs: performance.now(), liveMs: undefined, toldMs: undefined })
      void edit.write()
    },
    between: (fromMs, toMs) => made.filter(({ madeMs }) => madeMs >= fromMs && madeMs <= toMs),
    missing: (untilMs) =>
      made.filter(({ madeMs, liveMs, toldMs }) => madeMs <= untilMs && (liveMs === undefined || toldMs === undefined)),
    async [Symbol.asyncDispose]() {
      closed = true
      await looking
    },
  }
}

/** With it all earlier ones of its target, which nobody can see any more. */
function arrive(made: readonly MadeEdit[], one: MadeEdit, when: 'liveMs' | 'toldMs'): void {
  const nowMs = performance.now()
  for (const each of made.slice(0, made.indexOf(one) + 1)) {
    if (each.edit.target === one.edit.target) each[when] ??= nowMs
  }
}
