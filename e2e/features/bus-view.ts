// What is on the bus, as any reader of it sees it: every commit in order, and what the proxies acknowledged.
import { type Bus, type CommittedChange, type CommittedChannel, channels, type JsonObject } from '@penstock/bus'
import type { Feedback, IrRecord, ProxyState, Status } from '@penstock/ir'

export interface BusView {
  readonly resource: ChannelView<JsonObject>
  readonly ir: ChannelView<IrRecord>
  readonly status: ChannelView<Status>
  /** Of all servers together. */
  proxies(): readonly ProxyState[]
}

export interface ChannelView<V> {
  readonly values: ReadonlyMap<string, V>
  readonly commits: readonly CommittedChange<V>[]
  /** The id of the last commit; 0: none yet. */
  readonly last: number
}

export function createBusView(bus: Bus): BusView {
  const feedback = new Map<string, Feedback>()
  bus.listen(channels.feedback, {
    onChange(changes) {
      for (const { key, value } of changes) {
        if (value) feedback.set(key, value)
        else feedback.delete(key)
      }
    },
  })
  return {
    resource: viewOf(bus, channels.resource),
    ir: viewOf(bus, channels.ir),
    status: viewOf(bus, channels.status),
    proxies: () => [...feedback.values()].flatMap(({ proxies }) => proxies),
  }
}

function viewOf<V>(bus: Bus, channel: CommittedChannel<V>): ChannelView<V> {
  const values = new Map<string, V>()
  const commits: CommittedChange<V>[] = []
  bus.follow(channel, {
    onCommit(change) {
      commits.push(change)
      for (const { key, value } of change.changes) {
        if (value === undefined) values.delete(key)
        else values.set(key, value)
      }
    },
  })
  return {
    values,
    commits,
    get last() {
      return commits.at(-1)?.commit.id ?? 0
    },
  }
}
