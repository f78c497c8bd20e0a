// The fields of an EndpointSlice that we read (discovery.k8s.io/v1).
import type { Resource } from './resource.ts'

export interface EndpointSlice extends Resource<'EndpointSlice'> {
  readonly addressType: string
  readonly endpoints?: readonly Endpoint[]
  readonly ports?: readonly EndpointPort[]
}

export interface Endpoint {
  readonly addresses: readonly string[]
  readonly conditions?: EndpointConditions
  readonly hostname?: string
  readonly nodeName?: string
  readonly zone?: string
  readonly hints?: { readonly forZones?: readonly { readonly name: string }[] }
}

/** Absent means unknown, which counts as ready and not terminating. */
export interface EndpointConditions {
  readonly ready?: boolean
  readonly serving?: boolean
  readonly terminating?: boolean
}

export interface EndpointPort {
  /** The Service port's name; admission fills in the empty one. */
  readonly name?: string
  readonly port?: number
  readonly protocol?: string
  readonly appProtocol?: string
}

/** The label that ties a slice to its Service. */
export const serviceNameLabel = 'kubernetes.io/service-name'
