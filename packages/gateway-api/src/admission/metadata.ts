// An object's metadata, by the rules that hold for every kind (apimachinery, pkg/api/validation: ValidateObjectMeta).
import type { KindInfo } from '../kinds.ts'
import type { ObjectMeta } from '../object-meta.ts'
import { withoutNulls, zeroValue } from './defaults.ts'
import { dns1035Label, dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from './names.ts'
import { childPath, invalid, type Problem, required } from './refusal.ts'
import type { Schema } from './schema.ts'
import { structureProblems } from './structure.ts'

const text: Schema = { type: 'string' }
const texts: Schema = { type: 'object', additionalProperties: text }
const anything: Schema = {}

const schema: Schema = {
  type: 'object',
  properties: {
    name: text,
    namespace: text,
    labels: texts,
    annotations: texts,
    uid: text,
    generation: { type: 'integer' },
    creationTimestamp: text,
    // Of a server's making or without meaning for us; dropped.
    generateName: anything,
    selfLink: anything,
    resourceVersion: anything,
    deletionTimestamp: anything,
    deletionGracePeriodSeconds: anything,
    ownerReferences: anything,
    finalizers: anything,
    managedFields: anything,
  },
}

/** The age of an object that states none: older than all that do, and the same after every restart. */
const unknownAge = '1970-01-01T00:00:00Z'
const maxAnnotationsLength = 256 * 1024

/**
 * The metadata that we keep. A namespaced object without a namespace is one of `default`, as with kubectl; the namespace
 * of a cluster-scoped one is passed over, as the API server does. The server's own fields are taken over where they stand;
 * else uid is empty and generation 1, for the caller to set.
 */
export function admitMetadata(info: KindInfo, written: unknown): { metadata: ObjectMeta } | { problems: Problem[] } {
  const given = withoutNulls(schema, written ?? {}, zeroValue)
  const misfits = structureProblems(schema, given, 'metadata')
  if (misfits.length > 0) return { problems: misfits }
  const meta = given as Partial<ObjectMeta>
  const metadata: ObjectMeta = {
    name: meta.name ?? '',
    ...(info.namespaced && { namespace: meta.namespace || 'default' }),
    uid: meta.uid ?? '',
    generation: meta.generation ?? 1,
    creationTimestamp: timestamp(meta.creationTimestamp) ?? '',
    ...(meta.labels && { labels: meta.labels }),
    ...(meta.annotations && { annotations: meta.annotations }),
  }
  const problems = [
    ...nameProblems(info, metadata),
    ...(metadata.labels ? labelProblems(metadata.labels) : []),
    ...(metadata.annotations ? annotationProblems(metadata.annotations) : []),
  ]
  if (metadata.creationTimestamp === '') {
    problems.push(invalid('metadata.creationTimestamp', meta.creationTimestamp, 'must be a time as in RFC 3339'))
  }
  return problems.length > 0 ? { problems } : { metadata }
}

function nameProblems(info: KindInfo, { name, namespace }: ObjectMeta): Problem[] {
  const problems =
    name === ''
      ? [required('metadata.name', 'name is required, generateName does not stand in for it')]
      : nameRule(info)(name).map((problem) => invalid('metadata.name', name, problem))
  if (namespace === undefined) return problems
  return [...problems, ...dns1123Label(namespace).map((problem) => invalid('metadata.namespace', namespace, problem))]
}

function nameRule({ group, kind }: KindInfo): (name: string) => string[] {
  if (group === '' && kind === 'Service') return dns1035Label
  // It depends on the spec: see trust-bundle-problems.ts.
  if (kind === 'ClusterTrustBundle') return () => []
  return group === '' && kind === 'Namespace' ? dns1123Label : dns1123Subdomain
}

function labelProblems(labels: Readonly<Record<string, string>>): Problem[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedName(key).map((problem) => invalid('metadata.labels', key, problem)),
    ...labelValue(value).map((problem) => invalid(childPath('metadata.labels', key), value, problem)),
  ])
}

function annotationProblems(annotations: Readonly<Record<string, string>>): Problem[] {
  const entries = Object.entries(annotations)
  const problems = entries.flatMap(([key]) =>
    qualifiedName(key.toLowerCase()).map((problem) => invalid('metadata.annotations', key, problem)),
  )
  const length = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  if (length <= maxAnnotationsLength) return problems
  return [
    ...problems,
    { path: 'metadata.annotations', fault: `Too long: may not be more than ${maxAnnotationsLength} bytes` },
  ]
}

/** In UTC with whole seconds, as the API server writes it; undefined: not a time. */
function timestamp(written: string | undefined): string | undefined {
  if (written === undefined) return unknownAge
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(written)
    ? Date.parse(written)
    : Number.NaN
  return Number.isNaN(ms) ? undefined : `${new Date(ms).toISOString().slice(0, 19)}Z`
}
