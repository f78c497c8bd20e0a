// One document before both judges.
import { equal } from '@penstock/incremental'
import { knownDifferences } from './known-differences.ts'
import { isPlain, type PlainObject, type Verdict } from './verdict.ts'

export interface Verdicts {
  readonly document: unknown
  readonly ours: Verdict
  readonly theirs: Verdict
}

/** What they disagree on, in a sentence. Of what they both admit, every field counts that a user may write. */
export function differenceOf({ document, ours, theirs }: Verdicts): string | undefined {
  if ('refused' in ours && 'refused' in theirs) return undefined
  if ('refused' in ours) {
    return isKnown('ours', ours.refused, document) ? undefined : `we alone refuse it: ${ours.refused}`
  }
  if ('refused' in theirs) {
    return isKnown('theirs', theirs.refused, document) ? undefined : `we alone admit it, not as: ${theirs.refused}`
  }
  if (ours.object === undefined || theirs.object === undefined) return undefined
  // Of an older version only the verdict is compared: we read it as the newest one, the answer is in the asked one.
  if (ours.object['apiVersion'] !== theirs.object['apiVersion']) return undefined
  const [here, there] = [written(ours.object), written(theirs.object)]
  return equal(here, there) ? undefined : `${JSON.stringify(here)} is there ${JSON.stringify(there)}`
}

const isKnown = (side: 'ours' | 'theirs', refusal: string, document: unknown): boolean =>
  knownDifferences.some(({ explains }) => explains(side, refusal, isPlain(document) ? document : {}))

const coreKinds = ['Namespace', 'Service', 'EndpointSlice', 'Secret', 'ConfigMap']

/** By kind: fields of the spec that the server makes up where they are absent, and that we do not read. */
const givenFields: Readonly<Record<string, readonly string[]>> = {
  Namespace: ['finalizers'],
  Service: [
    ...['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy', 'externalTrafficPolicy'],
    ...['sessionAffinity', 'sessionAffinityConfig', 'allocateLoadBalancerNodePorts', 'healthCheckNodePort'],
  ],
}

function written({ metadata, status: _, ...content }: PlainObject): unknown {
  const kind = String(content['kind'])
  const { name, namespace, labels } = isPlain(metadata) ? metadata : {}
  const all = { ...content, name, ...(namespace !== undefined && { namespace }), labels: dense(labels ?? {}) }
  if (!coreKinds.includes(kind)) return all
  const { spec } = content
  const given = givenFields[kind] ?? []
  const own = Object.entries(isPlain(spec) ? spec : {}).filter(([field]) => !given.includes(field))
  return dense({ ...all, spec: Object.fromEntries(own) })
}

/** Go writes nothing where there is nothing: no empty text, list or object, no zero. */
function dense(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dense)
  if (!isPlain(value)) return value
  const entries = Object.entries(value).map(([name, entry]) => [name, dense(entry)] as const)
  // Of a cluster's making.
  return Object.fromEntries(entries.filter(([name, entry]) => name !== 'nodePort' && !isNothing(entry)))
}

function isNothing(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return !value
}
