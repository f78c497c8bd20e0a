// The fields of a Service that we read (core v1).
import type { Resource } from './resource.ts'

export interface Service extends Resource<'Service'> {
  readonly spec?: ServiceSpec
}

export interface ServiceSpec {
  readonly type?: string
  /** `None` for a headless one. */
  readonly clusterIP?: string
  readonly clusterIPs?: readonly string[]
  readonly externalName?: string
  readonly selector?: Readonly<Record<string, string>>
  readonly ports?: readonly ServicePort[]
  readonly trafficDistribution?: string
}

export interface ServicePort {
  readonly name?: string
  readonly port: number
  /** Admission fills in TCP. */
  readonly protocol?: string
  readonly appProtocol?: string
  readonly targetPort?: number | string
}
