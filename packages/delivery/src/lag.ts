// How far proxies are behind: what changed for their fleet and they have not acknowledged yet, since when; and how long it
// took from each change to each acknowledgement.
import type { Meter } from '@penstock/telemetry'
import type { ProxyState } from '@penstock/xds'

/** A commit that changed something for a fleet. */
export interface FleetCommit {
  readonly fleet: string
  readonly commit: number
  /** When the oldest change of the commit was seen, ms since 1970; 0: unknown. */
  readonly changedMs: number
}

export interface Behind {
  /** Commits that changed something for the fleet. */
  readonly commits: number
  /** Since the oldest change that is not acknowledged; of a proxy that acknowledged nothing yet, since it came. */
  readonly ms: number
}

export interface Lag extends Disposable {
  add(commit: FleetCommit): void
  /** After an acknowledgement, or a proxy that came or went. */
  check(fleet: string, proxies: readonly ProxyState[]): void
  behind(fleet: string, proxy: ProxyState): Behind
  forget(fleet: string): void
}

interface Waiting {
  readonly commit: number
  /** 0: unknown. */
  readonly changedMs: number
  readonly appliedMs: number
}

interface FleetLag {
  /** Commits that some proxy has not acknowledged, the oldest first. */
  waiting: Waiting[]
  proxies: readonly ProxyState[]
}

const buckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60]
const lookMs = 1_000
/** Of a fleet. Beyond that the oldest are forgotten: nobody asks whether it was a thousand commits or two. */
const maxWaiting = 1_000
/** Named in the metrics are fleets that are behind, of those the ones furthest behind. */
const namedFrom = { ms: 1_000, fleets: 50 }

export function createLag(meter: Meter, nowMs: () => number = Date.now): Lag {
  const fleets = new Map<string, FleetLag>()
  const seconds = meter.histogram(
    'penstock_delivery_acknowledgement_seconds',
    'From a change to the acknowledgement of a proxy that was connected when it came',
    { buckets },
  )
  const behind = (fleet: FleetLag, { acknowledgedCommit, connectedSinceMs }: ProxyState): Behind => {
    const lacks = fleet.waiting.filter(({ commit }) => commit > acknowledgedCommit)
    if (acknowledgedCommit === 0) return { commits: Math.max(1, lacks.length), ms: nowMs() - connectedSinceMs }
    const [oldest] = lacks
    return { commits: lacks.length, ms: oldest ? Math.max(0, nowMs() - sinceMs(oldest)) : 0 }
  }
  const show = createLagGauges(meter)
  const look = (): void => {
    const all = [...fleets].map(([name, fleet]) => ({ name, lags: fleet.proxies.map((proxy) => behind(fleet, proxy)) }))
    show(all)
  }
  look()
  const timer = setInterval(look, lookMs).unref()
  return {
    add({ fleet, commit, changedMs }) {
      const known = fleets.get(fleet) ?? { waiting: [], proxies: [] }
      fleets.set(fleet, known)
      known.waiting.push({ commit, changedMs, appliedMs: nowMs() })
      if (known.waiting.length > maxWaiting) known.waiting.shift()
    },
    check(fleet, proxies) {
      const known = fleets.get(fleet) ?? { waiting: [], proxies: [] }
      fleets.set(fleet, known)
      const before = new Map(known.proxies.map((proxy) => [streamOf(proxy), proxy.acknowledgedCommit]))
      for (const proxy of proxies) {
        const since = before.get(streamOf(proxy)) ?? 0
        if (proxy.acknowledgedCommit === since) continue
        for (const { commit, changedMs, appliedMs } of known.waiting) {
          if (commit <= since || commit > proxy.acknowledgedCommit || changedMs === 0) continue
          // One that came later got it with everything else.
          if (appliedMs < proxy.connectedSinceMs) continue
          seconds.observe(Math.max(0, proxy.acknowledgedAtMs - changedMs) / 1_000)
        }
      }
      const acknowledged = Math.min(...proxies.map((proxy) => proxy.acknowledgedCommit))
      known.waiting = known.waiting.filter(({ commit }) => commit > acknowledged)
      known.proxies = proxies
    },
    behind: (fleet, proxy) => behind(fleets.get(fleet) ?? { waiting: [], proxies: [] }, proxy),
    forget: (fleet) => void fleets.delete(fleet),
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

const streamOf = ({ proxy, connectedSinceMs }: ProxyState): string => `${proxy} ${connectedSinceMs}`

const sinceMs = ({ changedMs, appliedMs }: Waiting): number => (changedMs === 0 ? appliedMs : changedMs)

type FleetLags = readonly { readonly name: string; readonly lags: readonly Behind[] }[]

function createLagGauges(meter: Meter): (all: FleetLags) => void {
  const proxies = meter.gauge('penstock_delivery_lagging_proxies', 'Proxies that lack a change')
  const most = meter.gauge('penstock_delivery_lag_seconds', 'How long the proxy furthest behind has lacked a change')
  const byFleet = meter.gauge(
    'penstock_delivery_fleet_lag_seconds',
    'The same of each fleet that is behind by more than a second, of the fifty furthest behind',
    ['fleet'],
  )
  let named: readonly string[] = []
  return (all) => {
    const fleets = all
      .map(({ name, lags }) => ({ name, ms: Math.max(0, ...lags.map(({ ms }) => ms)) }))
      .sort((a, b) => b.ms - a.ms)
    proxies.set(all.reduce((sum, { lags }) => sum + lags.filter(({ commits }) => commits > 0).length, 0))
    most.set((fleets[0]?.ms ?? 0) / 1_000)
    const late = fleets.slice(0, namedFrom.fleets).filter(({ ms }) => ms > namedFrom.ms)
    for (const { name, ms } of late) byFleet.set(ms / 1_000, { fleet: name })
    const now = late.map(({ name }) => name)
    for (const name of named) if (!now.includes(name)) byFleet.remove({ fleet: name })
    named = now
  }
}
