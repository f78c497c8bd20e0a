// Many synthetic proxies: each asks for all that an Envoy asks for, goes to whoever answers when its stream ends, and
// keeps count of what it is told that it knew, and of edits that go back.
import { envoyTypes } from '@penstock/plane-envoy'
import { createDeltaClient, type DeltaClient, type DeltaClientOptions } from '@penstock/xds'
import { fleetName, type Mark, marksIn } from './swarm-scene.ts'

export interface Member {
  readonly name: string
  readonly fleet: number
  readonly client: DeltaClient
  /** Times that it opened a stream again. */
  readonly reconnects: number
  /** The newest edit of each host that it was told, by number of the host. */
  readonly newest: ReadonlyMap<number, number>
}

export interface CrowdOptions {
  /** Of the balancer. */
  readonly port: number
  readonly size: number
  readonly fleets: number
  /** What a member was told though it had the very same. */
  onEqual(member: string, resource: string, bytes: number): void
  /** A member was told an older edit than it had. */
  onBack(member: string, mark: Mark): void
  onTold(bytes: number): void
  /** A member has an edit. */
  onMark(mark: Mark): void
}

export interface Crowd extends AsyncDisposable {
  readonly members: readonly Member[]
  readonly reconnects: number
}

export const types = [
  envoyTypes.cluster,
  envoyTypes.endpoints,
  envoyTypes.listener,
  envoyTypes.scope,
  envoyTypes.table,
] as const

const lookMs = 25
/** As Envoy waits: not at once, and not all at one time. */
const backoffMs = (): number => 50 + Math.random() * 450

export function startCrowd(options: CrowdOptions): Crowd {
  const members = Array.from({ length: options.size }, (_, index) => join(options, index))
  const returning = new Set<GrowingMember>()
  const timers = new Set<NodeJS.Timeout>()
  const look = setInterval(() => {
    for (const member of members) {
      if (member.client.ended === undefined || returning.has(member)) continue
      returning.add(member)
      const timer = setTimeout(() => {
        timers.delete(timer)
        returning.delete(member)
        member.reconnects += 1
        member.client.connect()
      }, backoffMs())
      timers.add(timer)
    }
  }, lookMs)
  return {
    members,
    get reconnects() {
      return members.reduce((sum, member) => sum + member.reconnects, 0)
    },
    async [Symbol.asyncDispose]() {
      clearInterval(look)
      for (const timer of timers) clearTimeout(timer)
      await Promise.all(members.map(({ client }) => client[Symbol.asyncDispose]()))
    },
  }
}

interface GrowingMember extends Member {
  reconnects: number
}

function join({ port, fleets, onEqual, onBack, onTold, onMark }: CrowdOptions, index: number): GrowingMember {
  const fleet = index % fleets
  const name = `member-${index}`
  const newest = new Map<number, number>()
  const noteMark = (mark: Mark): void => {
    const known = newest.get(mark.host) ?? -1
    if (mark.number < known) onBack(name, mark)
    if (mark.number <= known) return
    newest.set(mark.host, mark.number)
    onMark(mark)
  }
  const client = openClient({
    ...{ port, fleet, name, forgetful: true },
    judge({ typeUrl, resources, bytes }) {
      onTold(bytes)
      for (const { name: resource, version, body } of resources) {
        if (client.held(typeUrl).get(resource)?.version === version) onEqual(name, resource, body.length)
        if (typeUrl === envoyTypes.table) marksIn(body).forEach(noteMark)
      }
      return undefined
    },
  })
  return { name, fleet, client, newest, reconnects: 0 }
}

interface ClientOptions extends Omit<DeltaClientOptions, 'node'> {
  readonly fleet: number
  readonly name: string
}

/** Asks for everything. */
export function openClient({ fleet, name, ...options }: ClientOptions): DeltaClient {
  const client = createDeltaClient({ ...options, node: { id: name, cluster: fleetName(fleet) } })
  for (const type of types) client.subscribe(type)
  return client
}
