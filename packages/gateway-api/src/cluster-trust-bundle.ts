// The fields of a ClusterTrustBundle that we read (certificates.k8s.io v1): authorities that all of a cluster may trust.
import type { Resource } from './resource.ts'

/** In Kubernetes since 1.37, and before on request, so it is the one of Kubernetes' own kinds that may be absent. */
export const clusterTrustBundleKind = {
  group: 'certificates.k8s.io',
  kind: 'ClusterTrustBundle',
  plural: 'clustertrustbundles',
  versions: ['v1', 'v1beta1', 'v1alpha1'],
  namespaced: false,
} as const

export interface ClusterTrustBundle extends Resource<'ClusterTrustBundle'> {
  readonly spec: {
    /** Who issues under them; the name of the object starts with it. */
    readonly signerName?: string
    /** Certificates in PEM. */
    readonly trustBundle: string
  }
}
