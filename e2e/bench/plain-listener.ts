// A listener of the plane, as JSON, without what finds a scope, and with a filter chain for each HTTPS hostname.
import { envoyTypes } from '@penstock/plane-envoy'
import { envoyBytes, envoyJson } from '@penstock/testkit'

const ads = { ads: {}, resourceApiVersion: 'V3', initialFetchTimeout: '0s' }
const scopeHeader = 'x-penstock-scope'
const servedHeader = 'x-penstock-served'
const scopeFilter = 'penstock.scope'

/** As much of each message as is changed here. */
interface Mutation {
  readonly append: { readonly header: { readonly key: string; readonly value: string } }
}

interface EarlyMutations {
  readonly name: string
  readonly typedConfig: { readonly mutations: readonly Mutation[] }
}

interface Manager {
  readonly scopedRoutes?: object
  readonly httpFilters: readonly { readonly name: string }[]
  readonly earlyHeaderMutationExtensions: readonly EarlyMutations[]
}

interface Chain {
  readonly filters?: readonly { readonly typedConfig: Manager }[]
}

interface Listener {
  /** What chooses among chains that are shared. */
  readonly filterChainMatcher?: object
  readonly filterChains: readonly Chain[]
  readonly address: { readonly socketAddress: { readonly portValue: number } }
}

/** The chains of it, and the rest, on another port. */
export function plainListener(body: Uint8Array, portOffset: number): { head: object; chains: readonly Chain[] } {
  const listener = envoyJson(envoyTypes.listener, body) as object as Listener
  const { filterChains, filterChainMatcher: _, address, ...rest } = listener
  const portValue = address.socketAddress.portValue + portOffset
  return {
    head: { ...rest, address: { socketAddress: { ...address.socketAddress, portValue } } },
    chains: filterChains,
  }
}

/** Its routes in the one table of this name. `served`: what its connections are known as. */
export function plainChain(chain: Chain, table: string, served?: string): Chain {
  const filters = (chain.filters ?? []).map((filter) => ({
    ...filter,
    typedConfig: plainManager(filter.typedConfig, table, served),
  }))
  return { ...chain, filters }
}

function plainManager({ scopedRoutes: _, ...manager }: Manager, table: string, served: string | undefined): Manager {
  const extensions = manager.earlyHeaderMutationExtensions.map(({ typedConfig, ...extension }) => ({
    ...extension,
    typedConfig: { ...typedConfig, mutations: typedConfig.mutations.flatMap((each) => plainMutation(each, served)) },
  }))
  const routes = { rds: { routeConfigName: table, configSource: ads } }
  return {
    ...manager,
    ...routes,
    httpFilters: manager.httpFilters.filter(({ name }) => name !== scopeFilter),
    earlyHeaderMutationExtensions: extensions.filter(({ typedConfig }) => typedConfig.mutations.length > 0),
  }
}

function plainMutation({ append, ...rest }: Mutation, served: string | undefined): Mutation[] {
  const { key, value } = append.header
  if (key === scopeHeader) return []
  return [{ ...rest, append: { ...append, header: { key, value: key === servedHeader ? (served ?? value) : value } } }]
}

/** For this hostname alone, with the certificates of these names. */
export function secureChain(chain: Chain, hostname: string, secrets: readonly string[]): object {
  const tls = {
    '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
    commonTlsContext: {
      tlsCertificateSdsSecretConfigs: secrets.map((name) => ({ name, sdsConfig: ads })),
      alpnProtocols: ['h2', 'http/1.1'],
    },
  }
  return {
    ...chain,
    name: hostname,
    filterChainMatch: hostname === '' ? {} : { serverNames: [hostname] },
    transportSocket: { name: 'envoy.transport_sockets.tls', typedConfig: tls },
  }
}

export const listenerHead = (head: object): Uint8Array => envoyBytes(envoyTypes.listener, head)

const chainType = 'type.googleapis.com/envoy.config.listener.v3.FilterChain'

export const chainBytes = (chain: object): Uint8Array => envoyBytes(chainType, chain)
