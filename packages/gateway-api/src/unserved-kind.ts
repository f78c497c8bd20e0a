// Says, by being there, that the API server does not serve a kind. No object of Kubernetes: the watcher tells it of the kinds
// whose absence owners of other objects are told (docs/adr/0008-cluster-trust-bundles.md), and none is ever in a folder.
import type { KindInfo } from './kinds.ts'
import type { Resource } from './resource.ts'
import { resourceKey } from './resource-key.ts'

export type UnservedKind = Resource<'UnservedKind'>

export const unservedKind = ({ plural, group }: Pick<KindInfo, 'plural' | 'group'>): UnservedKind => ({
  apiVersion: 'penstock.dev/v1alpha1',
  kind: 'UnservedKind',
  metadata: { name: `${plural}.${group}`, uid: '', generation: 1, creationTimestamp: '' },
})

export const unservedKindKey = (kind: Pick<KindInfo, 'plural' | 'group'>): string => resourceKey(unservedKind(kind))
