// Counts in the API server what our services write there: every status of every route and Gateway, as a watch tells it.
import { type KindInfo, kindInfo } from '@penstock/gateway-api'
import type { ApiObject, Kube, Reflection } from '@penstock/kube'

interface Seen {
  readonly version: string
  readonly generation: number
  /** The generation that the oldest of its conditions speaks of; 0: it has none. */
  readonly spokenOf: number
}

export interface StatusCensus extends AsyncDisposable {
  /** Routes whose status speaks of their present generation. */
  readonly current: number
  /** How often routes changed, but for the edits of their users. */
  readonly routeWrites: number
  readonly gatewayWrites: number
  /** Whether the status of this route speaks of the given generation. */
  speaks(name: string, generation: number): boolean
}

const group = 'gateway.networking.k8s.io'

/** From when every object is known. */
export async function openStatusCensus(kube: Kube): Promise<StatusCensus> {
  const counts = { routes: 0, gateways: 0 }
  const routes = new Map<string, Seen>()
  const current = new Set<string>()
  const count = (of: keyof typeof counts, key: string, seen: Seen | undefined): void => {
    if (!seen) return
    const before = routes.get(key)
    routes.set(key, seen)
    if (seen.spokenOf >= seen.generation) current.add(key)
    else current.delete(key)
    // An edit raises the generation, a status does not.
    if (before && before.generation === seen.generation) counts[of] += 1
  }
  const follow = (of: keyof typeof counts, kind: string): Reflection<Seen> =>
    kube.reflect<Seen>({
      kind: kindInfo(group, kind) as KindInfo,
      transform: seenOf,
      onChange: (changes) => {
        for (const { key, value } of changes) count(of, key, value)
      },
    })
  const reflections = [follow('routes', 'HTTPRoute'), follow('gateways', 'Gateway')]
  await Promise.all(reflections.map((reflection) => reflection.relist()))
  return {
    get current() {
      return current.size
    },
    get routeWrites() {
      return counts.routes
    },
    get gatewayWrites() {
      return counts.gateways
    },
    speaks: (name, generation) => (routes.get(`${group}/HTTPRoute/default/${name}`)?.spokenOf ?? 0) >= generation,
    async [Symbol.asyncDispose]() {
      for (const reflection of reflections) await reflection[Symbol.asyncDispose]()
    },
  }
}

interface Conditioned {
  readonly conditions?: readonly { readonly observedGeneration?: number }[]
}

function seenOf({ metadata, status }: ApiObject): Seen {
  const { parents = [], conditions = [] } = (status ?? {}) as Conditioned & {
    readonly parents?: readonly Conditioned[]
  }
  const all = [...parents.flatMap((parent) => parent.conditions ?? []), ...conditions]
  const spokenOf = Math.min(...all.map(({ observedGeneration = 0 }) => observedGeneration))
  const { resourceVersion: version, generation = 0 } = metadata
  return { version, generation, spokenOf: all.length === 0 ? 0 : spokenOf }
}
