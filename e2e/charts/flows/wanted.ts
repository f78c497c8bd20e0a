// Which flows an installation needs, and which it must not have. Each table holds for the pods that are there.
import { apiServer, dns, prometheus, proxiesBeside, strangersBeside, world } from './places.ts'
import type { Flow, Place } from './reach.ts'

const withRights = ['watcher', 'status-reporter', 'infra-manager']
const serverPorts: Readonly<Record<string, number>> = { 'xds-server': 18_000, 'agentgateway-server': 18_100 }
const [adminPort, natsPort, routePort, monitorPort] = [9900, 4222, 6222, 8222]
/** Nobody listens there. */
const anyPort = 1

export interface Situation {
  /** Of the installation; its NATS can be in another. */
  readonly namespace: string
  readonly apiServerPorts: readonly number[]
  /** Prometheus alone may read metrics. */
  readonly isClosed?: true
  /** Proxies that others run, which the servers let in. */
  readonly proxies?: readonly Place[]
}

const isNats = ({ name }: Place): boolean => name.startsWith('nats')
const isJob = ({ name }: Place): boolean => name.startsWith('secrets')
const asksApiServer = (place: Place): boolean => isJob(place) || withRights.includes(place.name)

export function neededFlows(places: readonly Place[], { namespace, apiServerPorts, proxies = [] }: Situation): Flow[] {
  const [nats, jobs] = [places.filter(isNats), places.filter(isJob)]
  const services = places.filter((place) => !isNats(place) && !isJob(place))
  return [
    ...flows(services, nats, [natsPort]),
    ...flows(nats, nats, [routePort]),
    ...services.flatMap((to) => flows([prometheus], [to], [adminPort])),
    ...flows([prometheus], nats, [monitorPort]),
    ...serversOf(places).flatMap(([to, port]) => flows([...proxiesBeside(namespace), ...proxies], [to], [port])),
    ...flows([...services, ...jobs].filter(asksApiServer), [apiServer], apiServerPorts),
    ...(['UDP', 'TCP'] as const).flatMap((protocol) => flows(places, [dns], [53, 5353], protocol)),
  ]
}

export function forbiddenFlows(places: readonly Place[], { namespace, apiServerPorts, isClosed }: Situation): Flow[] {
  const [nats, strangers, proxies] = [places.filter(isNats), strangersBeside(namespace), proxiesBeside(namespace)]
  const homes = new Set(nats.flatMap((place) => place.namespace ?? []))
  const others = [...strangers, ...[...homes].flatMap(strangersBeside), ...proxies, prometheus]
  const services = places.filter((place) => !isNats(place))
  const closed = isClosed
    ? places.flatMap((to) => flows([...strangers, ...proxies], [to], [adminPort, monitorPort]))
    : []
  return [
    ...flows(others, nats, [natsPort]),
    ...flows([...others, ...services], nats, [routePort]),
    ...serversOf(places).flatMap(([to, port]) => flows([...strangers, prometheus, world, ...services], [to], [port])),
    ...flows(
      services.filter((place) => !asksApiServer(place)),
      [apiServer],
      apiServerPorts,
    ),
    ...flows(nats, [apiServer], apiServerPorts),
    ...flows(places, [world, ...strangers], [80]),
    ...flows([...others, ...places, world], places, [anyPort]),
    ...flows([...others, ...services], places.filter(isJob), [adminPort]),
    ...closed,
  ]
}

const serversOf = (places: readonly Place[]): (readonly [Place, number])[] =>
  places.flatMap((place) => {
    const port = serverPorts[place.name]
    return port === undefined ? [] : [[place, port] as const]
  })

function flows(
  from: readonly Place[],
  to: readonly Place[],
  ports: readonly number[],
  protocol: Flow['protocol'] = 'TCP',
): Flow[] {
  return from.flatMap((sender) =>
    to.flatMap((receiver) => ports.map((port) => ({ from: sender, to: receiver, port, protocol }))),
  )
}
