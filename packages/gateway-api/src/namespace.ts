// A Namespace is read for its labels only (core v1).
import type { Resource } from './resource.ts'

export interface Namespace extends Resource<'Namespace'> {}

/** The label that Kubernetes puts on every namespace, with its name. */
export const namespaceNameLabel = 'kubernetes.io/metadata.name'
