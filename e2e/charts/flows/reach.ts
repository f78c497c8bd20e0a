// Who may reach whom where NetworkPolicies are enforced, by their definition (networking.k8s.io/v1): a packet leaves when a
// policy of its sender lets it out or none governs what that sends, and comes in likewise. It is judged by the port of the
// pod that it arrives at, not by that of a Service.
import { BlockList, isIP } from 'node:net'

type Labels = Readonly<Record<string, string>>
type Way = 'Egress' | 'Ingress'
type Protocol = 'TCP' | 'UDP'

/** A pod, or an address outside the cluster, which is of no namespace. */
export interface Place {
  readonly name: string
  readonly namespace?: string
  readonly labels: Labels
  readonly address: string
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
}

export interface Flow {
  readonly from: Place
  readonly to: Place
  readonly port: number
  readonly protocol: Protocol
}

interface Selector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

export interface Peer {
  readonly podSelector?: Selector
  readonly namespaceSelector?: Selector
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] }
}

export interface Rule {
  readonly from?: readonly Peer[]
  readonly to?: readonly Peer[]
  readonly ports?: readonly {
    readonly port?: number | string
    readonly endPort?: number
    readonly protocol?: Protocol
  }[]
}

export interface NetworkPolicy {
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec: {
    readonly podSelector: Selector
    readonly policyTypes?: readonly Way[]
    readonly ingress?: readonly Rule[]
    readonly egress?: readonly Rule[]
  }
}

export function mayReach(policies: readonly NetworkPolicy[], flow: Flow): boolean {
  return passes('Egress', policies, flow) && passes('Ingress', policies, flow)
}

function passes(way: Way, policies: readonly NetworkPolicy[], flow: Flow): boolean {
  const [own, other] = way === 'Egress' ? [flow.from, flow.to] : [flow.to, flow.from]
  const governing = policies.filter((policy) => governs(way, policy, own))
  const lets = ({ metadata, spec }: NetworkPolicy): boolean => {
    const rules = (way === 'Egress' ? spec.egress : spec.ingress) ?? []
    return rules.some((rule) => {
      const peers = (way === 'Egress' ? rule.to : rule.from) ?? []
      const ports = rule.ports ?? []
      // Nobody named is everybody, and so it is with ports.
      const isPeer = peers.length === 0 || peers.some((peer) => isOf(peer, metadata.namespace, other))
      return isPeer && (ports.length === 0 || ports.some((port) => isPort(port, flow)))
    })
  }
  return governing.length === 0 || governing.some(lets)
}

function governs(way: Way, { metadata, spec }: NetworkPolicy, { namespace, labels }: Place): boolean {
  const ways = spec.policyTypes ?? ['Ingress', ...(spec.egress ? ['Egress'] : [])]
  return ways.includes(way) && namespace === metadata.namespace && takes(spec.podSelector, labels)
}

/** A peer without a namespace is of that of the policy. */
function isOf({ ipBlock, podSelector, namespaceSelector }: Peer, home: string | undefined, place: Place): boolean {
  if (ipBlock)
    return isIn(ipBlock.cidr, place.address) && !(ipBlock.except ?? []).some((one) => isIn(one, place.address))
  if (place.namespace === undefined) return false
  const isThere = namespaceSelector
    ? takes(namespaceSelector, { 'kubernetes.io/metadata.name': place.namespace })
    : place.namespace === home
  return isThere && takes(podSelector ?? {}, place.labels)
}

function isPort({ port, endPort, protocol = 'TCP' }: NonNullable<Rule['ports']>[number], flow: Flow): boolean {
  if (protocol !== flow.protocol) return false
  if (typeof port === 'string')
    return flow.to.ports.some(({ name, containerPort }) => name === port && containerPort === flow.port)
  return port === undefined || (flow.port >= port && flow.port <= (endPort ?? port))
}

function takes({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const isOne = values.includes(labels[key] ?? '') && key in labels
      if (operator === 'In') return isOne
      if (operator === 'NotIn') return !isOne
      return (operator === 'Exists') === key in labels
    })
  )
}

function isIn(cidr: string, address: string): boolean {
  const [network = '', bits] = cidr.split('/')
  const familyOf = (text: string): 'ipv4' | 'ipv6' => (isIP(text) === 6 ? 'ipv6' : 'ipv4')
  const block = new BlockList()
  block.addSubnet(network, Number(bits), familyOf(network))
  return block.check(address, familyOf(address))
}
