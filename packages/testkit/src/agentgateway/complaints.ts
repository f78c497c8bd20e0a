// What is wrong with a configuration that a proxy takes without a word: names of what is not there, and what never works.

import type { Target } from './accept-reference.ts'
import type { WeightedTarget } from './accept-route.ts'
import type { TrafficRule } from './accept-rule.ts'
import type { OpenBind } from './bind-store.ts'
import type { Stores } from './delivery.ts'

/** One sentence each. While a change is under way there may be some; once all is delivered there must be none. */
export function complaintsOf({ binds: store, addresses }: Stores): string[] {
  const listeners = [...store.binds.values()].flatMap((open) => [...open.listeners.values()])
  const listenerHomes = new Set(listeners.map(({ key }) => `listener ${key}`))
  const targetComplaint = (who: string, target: Target): string[] => {
    if (target.is === 'backend') return store.backends.has(target.key) ? [] : [`${who}: no backend ${target.key}`]
    if (target.is === 'group')
      return store.homes().includes(`group ${target.key}`) ? [] : [`${who}: no routes in group ${target.key}`]
    if (target.is === 'invalid') return []
    const service = addresses.services.get(target.service)
    if (service === undefined) return [`${who}: no service ${target.service}`]
    return service.ports.has(target.port) ? [] : [`${who}: service ${target.service} has no port ${target.port}`]
  }
  const backendComplaints = (who: string, { target, rules }: WeightedTarget): string[] => [
    ...targetComplaint(who, target),
    ...rules.flatMap((rule) => (rule.is === 'unknown' ? [`${who}: ${rule.value} is not for this client`] : [])),
  ]
  const ruleComplaints = (who: string, rule: TrafficRule): string[] => {
    if (rule.is === 'unknown') return [`${who}: ${rule.value} is not for this client`]
    return rule.is === 'requestMirror' ? rule.value.flatMap(({ target }) => targetComplaint(who, target)) : []
  }
  const ofRoutes = store
    .homes()
    .flatMap((home) => [
      ...(home.startsWith('listener ') && !listenerHomes.has(home) ? [`routes of ${home}, which is not there`] : []),
      ...store
        .routesOf(home)
        .flatMap(({ key, hostnames, matches, backends, rules }) => [
          ...badHostnames(`route ${key}`, hostnames),
          ...(matches.length === 0 ? [`route ${key}: without a match it takes nothing`] : []),
          ...repeated(rules.map(({ is }) => is)).map((is) => `route ${key}: of several ${is} only the last one counts`),
          ...rules.flatMap((rule) => ruleComplaints(`route ${key}`, rule)),
          ...backends.flatMap((backend) => backendComplaints(`route ${key}`, backend)),
        ]),
      ...store
        .tcpRoutesOf(home)
        .flatMap(({ key, hostnames, backends }) => [
          ...badHostnames(`TCP route ${key}`, hostnames),
          ...backends.flatMap((backend) => backendComplaints(`TCP route ${key}`, backend)),
        ]),
    ])
  return [
    ...store.leaks,
    ...store.pending().map(({ key }) => `listener ${key}: its bind is not there`),
    ...repeated(listeners.map(({ key }) => key)).map((key) => `listener ${key} is in several binds`),
    ...repeated(store.homes().flatMap((home) => store.routesOf(home).map(({ key }) => key))).map(
      (key) => `route ${key} is in several places`,
    ),
    ...[...store.binds.values()].flatMap(rivals),
    ...ofRoutes,
    ...[...store.policies.values()].flatMap(({ key, rule }) =>
      rule.is === 'unknown' ? [`policy ${key}: ${rule.value} is not for this client`] : [],
    ),
    ...[...addresses.workloads.values()].flatMap(({ uid, services }) =>
      [...services.keys()]
        .filter((service) => !addresses.services.has(service))
        .map((service) => `workload ${uid}: no service ${service}`),
    ),
  ]
}

/** Of two listeners with one hostname the proxy takes either. */
function rivals({ bind, listeners }: OpenBind): string[] {
  const claims = [...listeners.values()].map(
    ({ hostname, protocol }) => `${protocol === 'http' ? 'plain' : 'secure'} "${hostname}"`,
  )
  return repeated(claims).map((claim) => `bind ${bind.key}: several listeners for ${claim}`)
}

function badHostnames(who: string, hostnames: readonly string[]): string[] {
  const bad = hostnames.filter((hostname) => hostname === '' || hostname === '*' || hostname !== hostname.toLowerCase())
  return bad.map((hostname) => `${who}: no request ever has the hostname "${hostname}"`)
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, at) => values.indexOf(value) !== at))]
}
