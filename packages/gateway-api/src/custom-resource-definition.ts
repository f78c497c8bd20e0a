// What we read of an installed CustomResourceDefinition (apiextensions.k8s.io/v1): which release of the Gateway API it is
// from. It is not among `kinds`: nobody writes one into a folder.
import type { Resource } from './resource.ts'

export const customResourceDefinitionKind = {
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  versions: ['v1'],
  namespaced: false,
} as const

export type CustomResourceDefinition = Resource<'CustomResourceDefinition'>

/** Gateway API: consts.BundleVersionAnnotation, ChannelAnnotation. */
export const bundleVersionAnnotation = 'gateway.networking.k8s.io/bundle-version'
export const channelAnnotation = 'gateway.networking.k8s.io/channel'
