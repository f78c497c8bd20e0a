// One document judged as the API server judges it on creation or update, with strict field validation: kind and version,
// metadata, unknown fields and defaults, the schema, and, only where all of that holds, the CEL rules.
import type { ClusterTrustBundle } from '../cluster-trust-bundle.ts'
import { apiVersionOf, type KindInfo, kindInfo } from '../kinds.ts'
import type { Resource } from '../resource.ts'
import { groupOf } from '../resource-key.ts'
import { completed } from './completion.ts'
import { pruned, withDefaults, withoutNulls, zeroValue } from './defaults.ts'
import { type Definition, definitionOf } from './definition.ts'
import { admitMetadata } from './metadata.ts'
import { invalid, type Problem, type Refusal, refusalOf, required, secretRefusalOf, shortened } from './refusal.ts'
import { ruleProblems } from './rules.ts'
import { isObject, type PlainObject } from './schema.ts'
import { structureProblems } from './structure.ts'
import { trustBundleProblems } from './trust-bundle-problems.ts'

export interface AdmitOptions {
  /** The object that this one replaces, as it was admitted: rules about changes hold against it. */
  old?: object
}

export type Admitted = { readonly object: Resource } | { readonly refused: readonly Refusal[] }

export interface Admission {
  /**
   * The object with every default filled in, in the version that we read, without status and managedFields; or
   * everything that is wrong with it. The document itself is left as it is.
   */
  admit(document: unknown, options?: AdmitOptions): Admitted
}

/** Schemas and rules are compiled on first use and kept for the life of the process. */
export function createAdmission(): Admission {
  return { admit }
}

interface Identified {
  readonly info: KindInfo
  readonly version: string
  readonly definition: Definition
}

function admit(document: unknown, { old }: AdmitOptions = {}): Admitted {
  // Nobody knows of what the text is a part: perhaps of a key.
  if (!isObject(document))
    return { refused: [refusalOf({ path: '', fault: 'Invalid value', detail: 'must be an object' })] }
  const judged = judge(document, old)
  if ('object' in judged) return judged
  return { refused: judged.problems.map(document['kind'] === 'Secret' ? secretRefusalOf : refusalOf) }
}

function judge(document: PlainObject, old: object | undefined): { object: Resource } | { problems: Problem[] } {
  const identified = identify(document)
  if ('problems' in identified) return identified
  const { info, definition } = identified
  const named = admitMetadata(info, document['metadata'])
  const body = bodyOf(document, definition)
  const structure = structureProblems(definition.schema, body, '')
  if ('problems' in named || structure.length > 0) {
    return { problems: [...('problems' in named ? named.problems : []), ...structure] }
  }
  const { metadata } = named
  const broken = [
    ...ruleProblems(definition.schema, body, isObject(old) ? bodyOf(old, definition) : undefined),
    ...(info.kind === 'ClusterTrustBundle'
      ? trustBundleProblems(metadata.name, body['spec'] as ClusterTrustBundle['spec'])
      : []),
  ]
  if (broken.length > 0) return { problems: broken }
  const content = inPreferredVersion(identified, body)
  return { object: completed({ apiVersion: apiVersionOf(info), kind: info.kind, metadata, ...content }) }
}

/**
 * Versions differ in their schemas alone (conversion strategy None): an object admitted in another version is the same one
 * under ours, with the defaults that ours adds when it is read, and is not judged again.
 */
function inPreferredVersion({ info, version }: Identified, body: PlainObject): PlainObject {
  const preferred = version === info.versions[0] ? undefined : definitionOf(info, info.versions[0])
  return preferred === undefined ? body : (withDefaults(preferred.schema, body) as PlainObject)
}

function identify(document: PlainObject): Identified | { problems: Problem[] } {
  const { apiVersion, kind } = document
  const problems = Object.entries({ apiVersion, kind }).flatMap(([path, value]) => {
    if (value === undefined || value === null || value === '') return [required(path)]
    return typeof value === 'string' ? [] : [invalid(path, value, 'must be a string')]
  })
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || problems.length > 0) return { problems }
  const info = kindInfo(groupOf(apiVersion), kind)
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  const definition = info && definitionOf(info, version)
  if (info === undefined || definition === undefined) {
    const path = info === undefined ? 'kind' : 'apiVersion'
    const fault = `no matches for kind "${shortened(kind)}" in version "${shortened(apiVersion)}"`
    return { problems: [{ path, fault }] }
  }
  return { info, version, definition }
}

/** What the schema judges, with its defaults. The status of a user's document says nothing, where the kind has one. */
function bodyOf(document: PlainObject, { schema, hasStatus, core }: Definition): PlainObject {
  const outside = hasStatus ? ['apiVersion', 'kind', 'metadata', 'status'] : ['apiVersion', 'kind', 'metadata']
  const body = Object.fromEntries(Object.entries(document).filter(([name]) => !outside.includes(name)))
  return withDefaults(schema, withoutNulls(schema, body, core ? zeroValue : pruned)) as PlainObject
}
