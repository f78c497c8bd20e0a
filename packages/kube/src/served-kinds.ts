// One look at everything that the API server serves (Kubernetes API concepts: API discovery).

import type { ApiClient } from './api-client.ts'
import { ApiFault } from './api-fault.ts'

export interface ServedKind {
  /** Empty for the core group. */
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  /** The server's favourite first. */
  readonly versions: readonly string[]
  readonly verbs: ReadonlySet<string>
  readonly subresources: ReadonlySet<string>
}

/** By `<group>/<kind>`. */
export type ServedKinds = ReadonlyMap<string, ServedKind>

interface AggregatedGroups {
  readonly kind: string
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string }
    readonly versions: readonly {
      readonly version: string
      readonly resources?: readonly {
        readonly resource: string
        readonly responseKind?: { readonly kind?: string }
        readonly scope: string
        readonly verbs: readonly string[]
        readonly subresources?: readonly { readonly subresource: string }[]
      }[]
    }[]
  }[]
}

interface GroupList {
  readonly groups: readonly { readonly name: string; readonly versions: readonly { readonly version: string }[] }[]
}

interface ResourceList {
  readonly resources: readonly {
    readonly name: string
    readonly kind: string
    readonly namespaced: boolean
    readonly verbs: readonly string[]
  }[]
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/** One kind in one version. */
interface Found {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly subresources: readonly string[]
}

export async function readServedKinds(client: ApiClient, signal: AbortSignal): Promise<ServedKinds> {
  const accept = `${aggregated},application/json`
  const [groups, core] = await Promise.all(
    ['/apis', '/api'].map((path) => client.request<AggregatedGroups | GroupList>({ path, accept, signal })),
  )
  const found =
    groups && core && isAggregated(groups) && isAggregated(core)
      ? [...aggregatedKinds(core), ...aggregatedKinds(groups)]
      : await legacyKinds(client, groups as GroupList, signal)
  return byName(found)
}

const isAggregated = (answer: AggregatedGroups | GroupList): answer is AggregatedGroups =>
  'kind' in answer && answer.kind === 'APIGroupDiscoveryList'

function* aggregatedKinds({ items = [] }: AggregatedGroups): Generator<Found> {
  for (const { metadata, versions } of items) {
    for (const { version, resources = [] } of versions) {
      for (const { resource, responseKind, scope, verbs, subresources = [] } of resources) {
        yield {
          group: metadata?.name ?? '',
          version,
          kind: responseKind?.kind ?? '',
          plural: resource,
          namespaced: scope === 'Namespaced',
          verbs,
          subresources: subresources.map(({ subresource }) => subresource),
        }
      }
    }
  }
}

async function legacyKinds(client: ApiClient, { groups }: GroupList, signal: AbortSignal): Promise<Found[]> {
  const places = [
    { group: '', version: 'v1', path: '/api/v1' },
    ...groups.flatMap(({ name, versions }) =>
      versions.map(({ version }) => ({ group: name, version, path: `/apis/${name}/${version}` })),
    ),
  ]
  const found = await Promise.all(
    places.map(async ({ group, version, path }) => {
      const { resources } = await client.request<ResourceList>({ path, signal }).catch(absent)
      const whole = resources.filter(({ name }) => !name.includes('/'))
      return whole.map(({ name, kind, namespaced, verbs }) => {
        const parts = resources.filter((part) => part.name.startsWith(`${name}/`))
        const subresources = parts.map((part) => part.name.slice(name.length + 1))
        return { group, version, kind, plural: name, namespaced, verbs, subresources }
      })
    }),
  )
  return found.flat()
}

/** A group that went away since, or whose own server is down: its kinds are not served now. */
function absent(thrown: unknown): ResourceList {
  if (thrown instanceof ApiFault && (thrown.status === 404 || thrown.status === 503)) return { resources: [] }
  throw thrown
}

function byName(found: Iterable<Found>): ServedKinds {
  const served = new Map<string, ServedKind>()
  for (const { version, verbs, subresources, ...kind } of found) {
    const name = `${kind.group}/${kind.kind}`
    const before = served.get(name)
    if (before && before.plural !== kind.plural) continue
    served.set(name, {
      ...kind,
      versions: [...(before?.versions ?? []), version],
      verbs: new Set([...(before?.verbs ?? []), ...verbs]),
      subresources: new Set([...(before?.subresources ?? []), ...subresources]),
    })
  }
  return served
}
