// A place is where a request can arrive: a port of a fleet and a host, `<fleet>/<port>/<host>`. The host is exact, starts
// with "*." (any number of labels, but at least one), or is empty: every host (Gateway API, Listener.hostname).

export interface Place {
  readonly fleet: string
  /** `<fleet>/<port>` */
  readonly port: string
  readonly host: string
}

export const portKey = (fleet: string, port: number): string => `${fleet}/${port}`

export const placeKey = (port: string, host: string): string => `${port}/${host}`

export function parsePlace(key: string): Place {
  const slash = key.lastIndexOf('/')
  const port = key.slice(0, slash)
  return { fleet: port.slice(0, port.indexOf('/')), port, host: key.slice(slash + 1) }
}

export const isExactHost = (host: string): boolean => host !== '' && !host.startsWith('*.')

/** The hosts that stand for all that `host` stands for, itself included, the most specific first. */
export function coveringHosts(host: string): string[] {
  const covering = host === '' ? [] : [host]
  let dot = host.indexOf('.', host.startsWith('*.') ? 2 : 0)
  for (; dot >= 0; dot = host.indexOf('.', dot + 1)) covering.push(`*${host.slice(dot)}`)
  return [...covering, '']
}

/** Sorts before the ranks of hosts that yield to it: exact, longer wildcard, shorter wildcard, every host. */
export function hostRank(host: string): string {
  if (host === '') return '2'
  return isExactHost(host) ? '0' : `1${String(longestHost - host.length).padStart(3, '0')}`
}

// DNS allows 253 characters.
const longestHost = 999
