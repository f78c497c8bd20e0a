// Documents that surely hold none of the objects that we read: other kinds, and files that are no manifests of Kubernetes
// though their names end alike. What a person may still be typing, or has misspelt, is none of them.
import { groupOf, kindInfo } from '@penstock/gateway-api'
import { cut } from './cut.ts'

export interface Stranger {
  /** Absent: the document is no object of Kubernetes. */
  object?: { kind: string; namespace: string; name: string }
  path: string
  reason: string
}

/** Core kinds that we do not read (Kubernetes 1.36): any other unknown one of this group is a slip. */
const coreKinds = new Set([
  'Binding',
  'ComponentStatus',
  'Endpoints',
  'Event',
  'LimitRange',
  'Node',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Pod',
  'PodTemplate',
  'ReplicationController',
  'ResourceQuota',
  'ServiceAccount',
])

const versionForm = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[a-z][a-z0-9]*$/
const kindForm = /^[A-Z][A-Za-z0-9]{0,62}$/

/** Undefined: the document is, or may be meant as, an object that we read. */
export function strangerOf(value: unknown): Stranger | undefined {
  if (saysNothing(value) || (Array.isArray(value) && value.every(saysNothing))) {
    return { path: '', reason: 'not read: no apiVersion and no kind, so no object of Kubernetes' }
  }
  const { apiVersion, kind, metadata } = (value ?? {}) as { apiVersion?: unknown; kind?: unknown; metadata?: unknown }
  if (typeof kind !== 'string' || !kindForm.test(kind)) return undefined
  // The one file of another tool that stands among manifests everywhere; it may leave out its version.
  if (apiVersion === undefined && kind === 'Kustomization') return { path: 'kind', reason: unread(kind) }
  if (typeof apiVersion !== 'string' || !versionForm.test(apiVersion) || !isOthers(groupOf(apiVersion), kind)) {
    return undefined
  }
  const { name, namespace } = (metadata ?? {}) as { name?: unknown; namespace?: unknown }
  const reason = unread(`${kind} of ${cut(apiVersion)}`)
  if (typeof name !== 'string') return { path: 'kind', reason }
  return { object: { kind, namespace: typeof namespace === 'string' ? namespace : '', name }, path: 'kind', reason }
}

const unread = (what: string): string => `not read: Penstock does not read ${what}`

function saysNothing(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !('apiVersion' in value || 'kind' in value)
  )
}

// In groups whose kinds we all know, an unknown kind is a slip; so is a group that begins like ours.
function isOthers(group: string, kind: string): boolean {
  if (group === '') return coreKinds.has(kind)
  return !kindInfo(group, kind) && !group.startsWith('gateway.networking') && group !== 'discovery.k8s.io'
}
