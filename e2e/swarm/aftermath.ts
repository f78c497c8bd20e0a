// When all is quiet again: every server tells a newcomer the same bytes, and every proxy has exactly what a newcomer gets.
import { until } from '@penstock/testkit'
import type { DeltaClient } from '@penstock/xds'
import { type Crowd, openClient, types } from './crowd.ts'
import type { SwarmEnvoy } from './envoys.ts'
import type { SwarmJournal } from './swarm-journal.ts'
import { fleetName, type SwarmScene } from './swarm-scene.ts'
import type { SwarmStack } from './swarm-stack.ts'

export interface Aftermath {
  readonly scene: SwarmScene
  readonly stack: SwarmStack
  readonly crowd: Crowd
  readonly envoys: readonly SwarmEnvoy[]
  readonly journal: SwarmJournal
  /** The last edit of each host, by fleet and host. */
  readonly lastEdits: ReadonlyMap<string, number>
  readonly commit: number
}

/** Version and bytes by short type and name. */
type Contents = Map<string, { readonly version: string; readonly body: Uint8Array }>

/** Envoy is told only after this that what nobody needs is gone: it may still be in use. */
const deadlineMs = 40_000

export async function checkAftermath(aftermath: Aftermath): Promise<void> {
  const { scene, crowd, envoys, journal } = aftermath
  const wanted: Contents[] = []
  for (const fleet of scene.fleets.keys()) wanted.push(await newcomers(aftermath, fleet))
  const wrong = (): string[] => [
    ...crowd.members.flatMap(({ name, fleet, client }) =>
      differences(contentsOf(client), wanted[fleet]).map((what) => `${name}: ${what}`),
    ),
    ...envoys.flatMap(({ name, fleet, ledger }) =>
      differencesOfEnvoy(ledger.held, wanted[fleet]).map((what) => `${name}: ${what}`),
    ),
  ]
  await until('nothing differs', () => wrong().length === 0, deadlineMs).catch(() => {
    for (const what of wrong()) journal.trouble('differs', what)
  })
  for (const { name, fleet, newest } of crowd.members) {
    for (let host = 0; host < scene.hostsOfFleet; host += 1) {
      const last = aftermath.lastEdits.get(`${fleet} ${host}`) ?? 0
      if (newest.get(host) !== last) journal.trouble('missed', `${name}: edit ${last} of host ${host}`)
    }
  }
}

/** What each server tells one who has nothing; told where that is not the same. */
async function newcomers({ stack, journal, commit }: Aftermath, fleet: number): Promise<Contents> {
  const all: Contents[] = []
  for (const { slot, port } of stack.servers) {
    const name = `newcomer-${fleet}-${slot.name}`
    await using client = openClient({ port, fleet, name })
    await until(`${name} has everything`, () =>
      stack.feedback
        .get(`${fleetName(fleet)}/xds-server.${slot.name}`)
        ?.proxies.some((proxy) => proxy.proxy === name && proxy.acknowledgedCommit >= commit),
    )
    const contents = contentsOf(client)
    const [first = contents] = all
    for (const what of differences(contents, first)) journal.trouble('replicas', `${slot.name}: ${what}`)
    all.push(contents)
  }
  return all[0] ?? new Map()
}

const shortName = (typeUrl: string): string => typeUrl.slice(typeUrl.lastIndexOf('.') + 1)

function contentsOf(client: DeltaClient): Contents {
  const named = types.flatMap((type) =>
    [...client.held(type)].map(([name, resource]) => [`${shortName(type)} ${name}`, resource] as const),
  )
  return new Map(named)
}

function differences(held: Contents, wanted: Contents = new Map()): string[] {
  const names = new Set([...held.keys(), ...wanted.keys()])
  return [...names].flatMap((name) => {
    const [here, there] = [held.get(name), wanted.get(name)]
    if (here && there && here.version === there.version && Buffer.compare(here.body, there.body) === 0) return []
    return [`${name} is ${here?.version ?? 'absent'}, not ${there?.version ?? 'absent'}`]
  })
}

/** Of tables and endpoints it has only those that it asked for. */
function differencesOfEnvoy(held: XdsHeld, wanted: Contents = new Map()): string[] {
  const asked = new Map(
    [...wanted].filter(([name]) => held.has(name) || !/^(RouteConfiguration|ClusterLoad)/.test(name)),
  )
  return differences(new Map(held), asked)
}

type XdsHeld = SwarmEnvoy['ledger']['held']
