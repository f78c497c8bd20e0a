// Where we judge otherwise than the API server, on purpose. Each row says of which refusals it speaks; what no row
// explains is a fault of ours.
import { isPlain, type PlainObject } from './verdict.ts'

export interface KnownDifference {
  readonly because: string
  /** `refusal` is what the side said that refused. */
  readonly explains: (side: 'ours' | 'theirs', refusal: string, document: PlainObject) => boolean
}

/** What the cluster's network hands out; it says nothing to us. */
const ofTheNetwork =
  /spec\.(clusterIPs?|externalIPs|externalTrafficPolicy|internalTrafficPolicy|healthCheckNodePort|ipFamil\w+|loadBalancer\w+|allocateLoadBalancerNodePorts|sessionAffinity\w*|ports\[\d+\]\.nodePort|trafficDistribution)\b/

export const knownDifferences: readonly KnownDifference[] = [
  {
    because: 'a namespace that is empty is perhaps still being typed; for kubectl it is `default`',
    explains(side, refusal, { metadata }) {
      const namespace = isPlain(metadata) ? metadata['namespace'] : 'absent'
      return side === 'ours' && refusal.includes('no usable') && (namespace === null || namespace === '')
    },
  },
  {
    because: 'generateName makes no name for a file',
    explains: (side, refusal) => side === 'ours' && refusal.includes('generateName does not stand in for it'),
  },
  {
    because: 'what the network of a cluster hands out to a Service is none of ours',
    explains: (side, refusal, { kind }) => side === 'theirs' && kind === 'Service' && ofTheNetwork.test(refusal),
  },
  {
    because: 'endpoints on loopback are what stands beside a local stack; in a cluster each has its own',
    explains: (side, refusal) => side === 'theirs' && refusal.includes('may not be in the loopback range'),
  },
  {
    because: 'Go reads bytes from a list of numbers too, which nobody writes',
    explains: (side, refusal, { kind }) =>
      side === 'ours' &&
      (kind === 'Secret' || kind === 'ConfigMap') &&
      /ata\.\S+: Invalid value.* must be of type string: "array"/.test(refusal),
  },
]
