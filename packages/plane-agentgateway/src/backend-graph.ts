// The plane's graph, continued: from the backends that a fleet's rules name to services, their endpoints, and the policies
// that secure them.
import type { Collection, Index, Read } from '@penstock/incremental'
import { backendsNamedBy, trustBundleKey } from '@penstock/ir'
import { emitBackendTls, emitTlsPolicy } from './backend-tls.ts'
import { emitService, emitUnavailable } from './clusters.ts'
import { emitWorkload, membersOf } from './endpoints.ts'
import { fleetOf, inFleet, nameOf } from './fleet-key.ts'
import { needsUnavailable, type UsedBackend } from './forwarding.ts'
import type { Attached, Foundation, RecordInputs, RecordOf } from './graph.ts'
import type { Emitted } from './resource.ts'
import { nameIn, serviceName, serviceOf, tlsPolicyKey, unavailable, workloadUid } from './resource-name.ts'
import { joinTrust } from './secrets.ts'

/** `used`: by fleet and key of the backend record. */
export function declareBackends({ graph, records }: Foundation, served: Collection<Attached>) {
  const usersOf = graph.index('usersOf', served, ({ attachment: { fleet }, rule }) =>
    backendsNamedBy(rule).map((backend) => inFleet(fleet, backend)),
  )
  const used = graph.derive('usedBackends', usersOf.keys, (_, key, read) => {
    const backend = read.get(records.backend, nameOf(key))
    return backend && useBackend(backend, nameOf(key), (bundles) => trustOf(bundles, read, records))
  })
  const openOf = graph.index('openBackends', used, (one, key) =>
    one.isClosed ? [] : [inFleet(fleetOf(key), serviceName(serviceOf(one.backend)))],
  )
  const services = graph.derive('services', openOf.keys, (_, key, read): Emitted => {
    const backends = read.lookup(openOf, key)
    return {
      resource: emitService(backends.map(({ value }) => value.backend)),
      from: backends.map((backend) => nameOf(backend.key)),
    }
  })
  const securedBy = graph.index('securedBackends', used, ({ backend, tls }, key) =>
    tls === undefined ? [] : [inFleet(fleetOf(key), nameIn('policy', tlsPolicyKey(backend)))],
  )
  const policies = graph.derive('policies', securedBy.keys, (_, key, read): Emitted | undefined => {
    const [first] = read.lookup(securedBy, key)
    const { backend, tls, from } = first?.value ?? {}
    return backend && tls && from && { resource: emitTlsPolicy(backend, tls), from, owners: from.slice(0, 1) }
  })
  return { used, services, policies }
}

export function declareEndpoints(
  { graph, records }: Foundation,
  used: Collection<UsedBackend>,
  served: Collection<Attached>,
): readonly Collection<Emitted>[] {
  const slicesOf = graph.index('slicesOf', records.endpoints, ({ namespace, service }) => [`${namespace}/${service}`])
  const reachedBy: Index<UsedBackend> = graph.index(
    'reachedBackends',
    used,
    ({ backend: { discovery }, isClosed }, key) =>
      isClosed || discovery?.$case !== 'service'
        ? []
        : [inFleet(fleetOf(key), `${discovery.value.namespace}/${discovery.value.service}`)],
  )
  const members = graph.derive('members', reachedBy.keys, (_, key, read) => {
    const ports = read
      .lookup(reachedBy, key)
      .flatMap(({ value: { backend } }) =>
        backend.discovery?.$case === 'service' ? [{ port: backend.port, name: backend.discovery.value.portName }] : [],
      )
    return membersOf(read.lookup(slicesOf, nameOf(key)), ports)
  })
  const eachMember = graph.spread('eachMember', members, (all, key) =>
    all.map((member) => [inFleet(fleetOf(key), workloadUid(member)), member]),
  )
  const workloads = graph.derive(
    'workloads',
    eachMember,
    (member): Emitted => ({
      resource: emitWorkload(member),
      from: member.slices,
    }),
  )
  const nobody = (fleet: string): string => inFleet(fleet, serviceName(unavailable))
  const askedForNobody = graph.union('askedForNobody', [
    graph.index('unavailableShares', served, ({ rule, attachment }) =>
      needsUnavailable(rule.backends) ? [nobody(attachment.fleet)] : [],
    ).keys,
    graph.index('closedBackends', used, ({ isClosed }, key) => (isClosed ? [nobody(fleetOf(key))] : [])).keys,
  ])
  return [workloads, graph.derive('unavailable', askedForNobody, () => ({ resource: emitUnavailable(), from: [] }))]
}

/** Where connections cannot be secured as they should, none may be made. */
function useBackend(
  backend: RecordOf<'backend'>,
  key: string,
  trust: (bundles: readonly string[]) => Uint8Array | undefined,
): UsedBackend {
  const { discovery, tls } = backend
  if (discovery === undefined) throw new Error('a backend without a discovery: of a newer schema')
  if (tls !== undefined && tls.trust === undefined) throw new Error('a trust of a newer schema')
  const bundles = tls?.trust?.$case === 'bundles' ? tls.trust.value.bundles.map(trustBundleKey) : undefined
  const root = bundles && trust(bundles)
  const from = [key, ...(bundles ?? [])]
  const lacksTrust = bundles !== undefined && root === undefined
  const secured = tls && (lacksTrust ? undefined : emitBackendTls(tls, root))
  if (discovery.$case === 'closed' || (tls !== undefined && secured === undefined)) {
    return { backend, isClosed: true, from }
  }
  return { backend, ...(secured === undefined ? {} : { tls: secured }), isClosed: false, from }
}

/** All of them together, if there is any. */
export const trustOf = (bundles: readonly string[], read: Read, records: RecordInputs): Uint8Array | undefined =>
  joinTrust(bundles.flatMap((bundle) => read.get(records.trust_bundle, bundle) ?? []))
