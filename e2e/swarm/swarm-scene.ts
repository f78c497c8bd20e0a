// Fleets with a few hosts each, as IR, and the edits that change them without end.
import type { IrRecord } from '@penstock/ir'
import { attachment, exact, type KeyedRecord, listener, prefix, rule, service, to } from '../plane-envoy/records.ts'

export interface SceneOptions {
  /** The port of the listener of each fleet. */
  readonly ports: readonly number[]
  readonly hosts: number
  /** Ports of backends, of which any may answer. */
  readonly backends: readonly [number, number]
}

/** The edit with this number of one host, as it shows in the bytes of the host's route table. */
export interface Mark {
  readonly fleet: number
  readonly host: number
  readonly number: number
}

export interface SceneEdit {
  readonly keys: readonly string[]
  readonly mark?: Mark
}

export interface SwarmScene {
  readonly records: ReadonlyMap<string, IrRecord>
  readonly fleets: readonly string[]
  readonly hostsOfFleet: number
  /** Makes the next one. Requests for `hostOf` are answered as before. `mayRemove`: it may take a backend away. */
  edit(mayRemove: boolean): SceneEdit
  hostOf(fleet: number, host: number): string
}

export const fleetName = (fleet: number): string => `default~swarm-${fleet}`

interface SceneRoute {
  readonly fleet: number
  readonly name: string
  readonly hostname: string
  readonly backend: string
  readonly mark?: Mark
}

/** Routes that come and go, each with a backend of its own. */
const guestsAtOnce = 3

const markText = ({ fleet, host, number }: Mark): string => `/edit/${fleet}-${host}-${number}.`

/** All marks in the bytes of a resource. */
export function marksIn(body: Uint8Array): Mark[] {
  const found = Buffer.from(body)
    .toString('latin1')
    .matchAll(/\/edit\/(\d+)-(\d+)-(\d+)\./g)
  return [...found].map(([, fleet, host, number]) => ({
    ...{ fleet: Number(fleet), host: Number(host), number: Number(number) },
  }))
}

export function createSwarmScene({ ports, hosts, backends }: SceneOptions): SwarmScene {
  const { records, put, remove } = createRecords()
  const listeners = ports.map((port, fleet) => listener(`http-${fleet}`, { port, fleet: fleetName(fleet) }))
  const hostOf = (fleet: number, host: number): string => `h${host}.f${fleet}.example.com`
  const route = ({ fleet, name, hostname, backend, mark }: SceneRoute): KeyedRecord => {
    const [at] = listeners.slice(fleet)
    if (!at) throw new Error(`there is no fleet ${fleet}`)
    const matches = [...(mark ? [exact(markText(mark))] : []), prefix('/')]
    return rule(name, [attachment(at, hostname)], { matches, backends: [to(backend)] })
  }
  const hostRoute = (mark: Mark): KeyedRecord => {
    const { fleet, host } = mark
    return route({ fleet, name: `f${fleet}-h${host}`, hostname: hostOf(fleet, host), backend: `s${host % 2}`, mark })
  }
  let number = 0
  const guests: KeyedRecord[][] = []
  const come = (): string[] => {
    const [fleet, name] = [number % ports.length, `guest-${number}`]
    const guest = [
      ...service(name, [backends[0]]),
      route({ fleet, name, hostname: `${name}.example.com`, backend: name }),
    ]
    guests.push(guest)
    return put(...guest)
  }
  const change = (): SceneEdit => {
    const mark = { fleet: number % ports.length, host: Math.floor(number / ports.length) % hosts, number }
    return { keys: put(hostRoute(mark)), mark }
  }
  const turn = [
    change,
    change,
    (mayRemove: boolean): SceneEdit => {
      if (guests.length < guestsAtOnce) return { keys: come() }
      return mayRemove ? { keys: remove(...(guests.shift() ?? [])) } : change()
    },
    change,
    () => ({ keys: put(...service(`s${number % 2}`, [backends[number % 3 === 0 ? 1 : 0]])) }),
  ]
  put(
    ...ports.map((_, fleet) => fleetRecord(fleetName(fleet))),
    ...listeners,
    ...[0, 1].flatMap((each) => service(`s${each}`, [backends[each === 0 ? 0 : 1]])),
    ...ports.flatMap((_, fleet) => Array.from({ length: hosts }, (__, host) => hostRoute({ fleet, host, number: 0 }))),
  )
  return {
    ...{ records, hostOf, hostsOfFleet: hosts },
    fleets: ports.map((_, fleet) => fleetName(fleet)),
    edit(mayRemove) {
      number += 1
      return (turn[number % turn.length] ?? change)(mayRemove)
    },
  }
}

/** Who puts or removes some gets their keys. */
function createRecords() {
  const records = new Map<string, IrRecord>()
  const put = (...all: readonly KeyedRecord[]): string[] => {
    for (const { key, record } of all) records.set(key, record)
    return all.map(({ key }) => key)
  }
  const remove = (...all: readonly KeyedRecord[]): string[] => {
    for (const { key } of all) records.delete(key)
    return all.map(({ key }) => key)
  }
  return { records, put, remove }
}

function fleetRecord(name: string): KeyedRecord {
  const source = { group: '', kind: 'Gateway', namespace: 'default', name, uid: name, generation: 1 }
  return { key: `fleet/${name}`, record: { kind: 'fleet', value: { source, name, plane: 'envoy' } } }
}
