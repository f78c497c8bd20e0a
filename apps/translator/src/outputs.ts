// What goes out: IR first, then STATUS, which names the IR commit that proxies must acknowledge before an object is
// programmed. So a status never leaves before the IR of the same transaction, nor a new leader's before its first IR.
import { type Bus, channels, type PublishedState } from '@penstock/bus'
import type { Collection, Delta, Round } from '@penstock/incremental'
import type { CommitInput, Status } from '@penstock/ir'
import type { Logger } from '@penstock/telemetry'
import type { Translation } from '@penstock/translate'
import { createHeldKeys } from './held-keys.ts'
import { createStatusCommits } from './status-commits.ts'

export interface Outputs extends AsyncDisposable {
  /** To be called after each transaction, with the commits that it was made from. */
  announce(round: Round, inputs: readonly CommitInput[], oldestChangeMs: number): void
}

interface OutputParts {
  bus: Bus
  translation: Translation
  log: Logger
}

export function createOutputs({ bus, translation, log }: OutputParts): Outputs {
  let inputs: readonly CommitInput[] | undefined
  const held = createHeldKeys(translation, log)
  const irCommits = createStatusCommits(() => ir.stream?.lastCommit ?? 0)
  let irIsOut = false

  const ir = bus.publish(channels.ir, {
    state: () => inputs && { ...stateOf(translation, translation.ir), held: held.outputs.ir, inputs },
    onLead() {
      irIsOut = false
      irCommits.reset()
    },
    onCommit() {
      if (irIsOut) return
      irIsOut = true
      status.refresh()
    },
  })
  const status = bus.publish(channels.status, {
    state() {
      if (!inputs || !irIsOut) return undefined
      const state = stateOf(translation, translation.status)
      return { ...state, held: held.outputs.status, inputs, get: (key) => irCommits.record(key, state.get(key)?.value) }
    },
  })
  const infra = bus.publish(channels.infra, {
    state: () => inputs && { ...stateOf(translation, translation.infra), held: held.outputs.infra, inputs },
  })

  async function announceStatus(deltas: readonly Delta<Status>[], oldestChangeMs: number): Promise<void> {
    if (ir.leading) {
      const covered = irCommits.changed(deltas)
      covered(await ir.settled())
    }
    const keys = deltas.map(({ key }) => key)
    status.changed(keys, oldestChangeMs)
  }

  return {
    announce(round, madeFrom, oldestChangeMs) {
      inputs = madeFrom
      // No delta tells of what was left alone.
      if (held.check()) [ir, infra, status].forEach((publisher) => publisher.refresh())
      ir.changed(keysOf(round, translation.ir), oldestChangeMs)
      infra.changed(keysOf(round, translation.infra), oldestChangeMs)
      // It fails with the end of the term; the next leader compares everything.
      announceStatus(round.deltas(translation.status), oldestChangeMs).catch((error: unknown) =>
        log.debug('status_waits', { error }),
      )
    },
    async [Symbol.asyncDispose]() {
      for (const publisher of [ir, infra, status]) await publisher[Symbol.asyncDispose]()
    },
  }
}

const keysOf = <V>(round: Round, collection: Collection<V>): string[] => round.deltas(collection).map(({ key }) => key)

function stateOf<V>({ graph }: Translation, of: Collection<V>): Pick<PublishedState<V>, 'get' | 'keys'> {
  const values = graph.values(of)
  return {
    get(key) {
      const value = values.get(key)
      return value === undefined ? undefined : { value }
    },
    keys: () => values.keys(),
  }
}
