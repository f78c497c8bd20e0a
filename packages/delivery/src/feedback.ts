// What this instance says of each fleet on the bus (FEEDBACK, design section 3): at once when a proxy's state changed,
// shortly after a commit that changed nothing for the fleet, since that too is acknowledged.
import { type Announcer, feedbackKey, type ServiceName } from '@penstock/bus'
import type { Feedback, ProxyState as ReportedProxy } from '@penstock/ir'
import type { ProxyState } from '@penstock/xds'
import type { ResourceSources } from './resource-sources.ts'

export interface FeedbackWriter extends Disposable {
  /** Fleets that exist, with or without proxies. */
  fleets(names: Iterable<string>): void
  tell(fleet: string): void
  /** Tells of all fleets that have something new, within a moment. */
  tellSoon(): void
}

export interface FeedbackOptions {
  announcer: Announcer<Feedback>
  service: ServiceName
  instance: string
  proxies(fleet: string): readonly ProxyState[]
  sources: ResourceSources
}

/** How late it is told that a commit changed nothing: the more fleets, the later, so that it stays a few writes a second. */
const idleTellMs = (fleets: number): number => Math.min(5_000, Math.max(250, fleets * 5))

export function createFeedback(options: FeedbackOptions): FeedbackWriter {
  const { announcer, service, instance, proxies, sources } = options
  const keyOf = (fleet: string): string => feedbackKey(fleet, { service, instance })
  const told = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined
  const tell = (fleet: string): void => {
    const states = proxies(fleet).map((state) => report(fleet, state, sources))
    const text = JSON.stringify(states)
    if (told.get(fleet) === text) return
    told.set(fleet, text)
    announcer.put(keyOf(fleet), { fleet, instance, proxies: states })
  }
  return {
    tell,
    fleets(names) {
      const present = new Set(names)
      for (const fleet of present) tell(fleet)
      for (const fleet of told.keys()) {
        if (present.has(fleet) || proxies(fleet).length > 0) continue
        told.delete(fleet)
        announcer.delete(keyOf(fleet))
      }
    },
    tellSoon() {
      timer ??= setTimeout(() => {
        timer = undefined
        for (const fleet of told.keys()) tell(fleet)
      }, idleTellMs(told.size))
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  }
}

function report(fleet: string, state: ProxyState, sources: ResourceSources): ReportedProxy {
  return {
    ...state,
    rejections: state.rejections.map((rejection) => ({
      ...rejection,
      resources: [...rejection.resources],
      sources: sources.of(fleet, rejection),
    })),
  }
}
