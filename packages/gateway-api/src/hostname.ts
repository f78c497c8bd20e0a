// Hostnames of listeners and routes (Gateway API: Listener.hostname, HTTPRouteSpec.hostnames, GEP-734).
// A hostname is lower case; empty means every host; `*.` stands for any number of labels, at least one, so the apex is
// not among them.

/** An absent hostname is every host, and case means nothing in one. */
export function normalizeHostname(hostname: string | undefined): string {
  return (hostname ?? '').toLowerCase()
}

/** Whether every host that `inner` stands for is also one of `outer`'s; with a plain host as `inner`: whether it matches. */
export function coversHostname(outer: string, inner: string): boolean {
  if (outer === '' || outer === inner) return true
  // "*.example.com" covers what ends in ".example.com" with something before it; "*" itself is such a something.
  return outer.startsWith('*.') && inner.length > outer.length - 1 && inner.endsWith(outer.slice(1))
}

/** The hosts that both stand for, again as one hostname; undefined: none. */
export function intersectHostnames(listener: string, route: string): string | undefined {
  if (coversHostname(listener, route)) return route
  if (coversHostname(route, listener)) return listener
  return undefined
}

/** The wildcards that cover it, the most specific first; the last is every host. */
export function wildcardsOver(hostname: string): readonly string[] {
  if (hostname === '') return []
  const labels = hostname.replace('*.', '').split('.')
  return [...labels.slice(1).map((_, at) => `*.${labels.slice(at + 1).join('.')}`), '']
}

/**
 * Orders the most specific first: plain before wildcard, then more characters first, every host last; ties by text, so
 * that the order is total. Among hostnames that match one request this is the specification's precedence.
 */
export function compareHostnames(a: string, b: string): number {
  const rank = hostnameRank(a) - hostnameRank(b)
  if (rank !== 0) return rank
  if (a.length !== b.length) return b.length - a.length
  return a < b ? -1 : a > b ? 1 : 0
}

function hostnameRank(hostname: string): number {
  if (hostname === '') return 2
  return hostname.startsWith('*.') ? 1 : 0
}
