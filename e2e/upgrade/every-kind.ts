// One edit of each kind, by whichever builds it goes: that it arrives at the proxy, and that its status says so.
import { until } from '@penstock/testkit'
import type { EditWatch } from '../chaos/edit-watch.ts'
import type { Edits } from '../chaos/edits.ts'

/**
 * A route, the endpoints of a Service, the certificate of a listener, a route that comes, and a listener that Envoy
 * refuses. Resolves when all are live and told; answers how long the slowest took to be live, in ms.
 */
export type EveryKind = () => Promise<number>

const deadlineMs = 60_000

export function createEveryKind(edits: Edits, watch: EditWatch): EveryKind {
  let number = 0
  const arrive = async (what: string): Promise<void> => {
    const untilMs = performance.now()
    await until(what, () => watch.missing(untilMs).length === 0, deadlineMs)
  }
  return async () => {
    number += 1
    const startMs = performance.now()
    const isOdd = number % 2 === 1
    watch.make(edits.change('mended', number))
    watch.make(edits.moveTo(isOdd ? 'v2' : 'v1'))
    watch.make(edits.renew(isOdd ? 'two' : 'one'))
    watch.make(edits.add(`kind-${number}`))
    watch.make(edits.takePort())
    await arrive('an edit of each kind is live and told')
    watch.make(edits.leavePort())
    await arrive('the refused listener is gone')
    const made = watch.between(startMs, Infinity)
    return Math.max(...made.map(({ madeMs, liveMs = madeMs }) => liveMs - madeMs))
  }
}
