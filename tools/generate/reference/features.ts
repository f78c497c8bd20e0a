// docs/reference/features.md, from the tables of the planes and what translate makes of them.
import { BackendProtocol, type Capabilities } from '@penstock/ir'
import { agentgatewayCapabilities } from '@penstock/plane-agentgateway'
import { envoyCapabilities } from '@penstock/plane-envoy'
import { supportedFeatures } from '@penstock/translate'
import { code, page, table } from './markdown.ts'

const planes: ReadonlyMap<string, Capabilities> = new Map([
  ['Envoy', envoyCapabilities],
  ['agentgateway', agentgatewayCapabilities],
])

const everything = { managed: true, servesTrustBundles: true }

/** The features of the release that no plane claims, and what a user meets instead. Those of meshes are left out. */
export const unclaimed: Readonly<Record<string, string>> = {
  GatewayAddressRoutability: 'an address with a routability is refused: `UnsupportedAddress`',
  GatewayAddressRoutabilityCluster: 'an address with a routability is refused: `UnsupportedAddress`',
  GatewayListenerFilters: 'a listener with filters is refused: `UnsupportedValue`',
  TCPRoute: 'has no effect yet; a listener for it is refused: `UnsupportedProtocol`',
  TLSRoute: 'has no effect yet; a listener for it is refused: `UnsupportedProtocol`',
  TLSRouteModeMixed: 'as TLSRoute',
  TLSRouteModeTerminate: 'as TLSRoute',
  UDPRoute: 'has no effect yet; a listener for it is refused: `UnsupportedProtocol`',
}

export function featuresDocument(): string {
  const names = [...planes.keys()]
  return page(
    'Features',
    'What a plane can do is computed from its tables (`capabilities.ts` in its package), and so is what a GatewayClass says in ' +
      '`status.supportedFeatures`. What a plane cannot do is refused with the condition that the specification names.',
    '## Features of Gateway API v1.7.0',
    '`managed`: where Penstock runs the proxies, as in Kubernetes; not for those that somebody else runs, as with `npm start`. ' +
      'ClusterTrustBundle is claimed only while the API server serves the kind; a folder always does.',
    table(['feature', ...names], claimedRows()),
    '### Not claimed',
    table(
      ['feature', 'what happens instead'],
      Object.entries(unclaimed).map(([name, instead]) => [name, instead]),
    ),
    '## What the tables hold',
    'Each is a case of the neutral records: [http_filter.proto](../../proto/penstock/ir/v1/http_filter.proto), ' +
      '[listener.proto](../../proto/penstock/ir/v1/listener.proto), [backend.proto](../../proto/penstock/ir/v1/backend.proto).',
    table(['of', 'case', ...names], tableRows()),
  )
}

/** By name: the planes that claim it. */
export function claimedFeatures(): ReadonlyMap<string, readonly string[]> {
  const all = new Set([...planes.values()].flatMap((plane) => supportedFeatures(plane, everything)))
  return new Map(
    [...all]
      .sort()
      .map((name) => [name, [...planes].filter(([, plane]) => claims(plane, name)).map(([plane]) => plane)]),
  )
}

const claims = (plane: Capabilities, name: string): boolean => supportedFeatures(plane, everything).includes(name)

function claimedRows(): string[][] {
  return [...claimedFeatures().keys()].map((name) => [
    name,
    ...[...planes.values()].map((plane) => {
      if (!claims(plane, name)) return 'no'
      return supportedFeatures(plane, { ...everything, managed: false }).includes(name) ? 'yes' : 'managed'
    }),
  ])
}

function tableRows(): string[][] {
  const sets: readonly (readonly [string, (plane: Capabilities) => Iterable<string>])[] = [
    ['a listener', (plane) => plane.listeners],
    ['a filter of a rule', (plane) => plane.filters],
    ['a filter of a backend', (plane) => plane.backendFilters],
    ['the protocol of a backend', (plane) => [...plane.backendProtocols].map(nameOfProtocol)],
  ]
  const filters = [...planes.values()].flatMap((plane) => [...plane.filters, ...plane.backendFilters])
  return sets.flatMap(([of, casesOf]) => {
    const known = [...planes.values()].flatMap((plane) => [...casesOf(plane)])
    const cases = new Set(of.startsWith('a filter') ? filters : known)
    return [...cases].sort().map((name) => {
      const marks = [...planes.values()].map((plane) => (new Set(casesOf(plane)).has(name) ? 'yes' : 'no'))
      return [of, code(name), ...marks]
    })
  })
}

function nameOfProtocol(protocol: BackendProtocol): string {
  const [name = ''] = Object.entries(BackendProtocol).find(([, value]) => value === protocol) ?? []
  return name.replace('BACKEND_PROTOCOL_', '')
}
