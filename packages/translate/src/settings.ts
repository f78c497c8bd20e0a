// What an installation decides once, before the first object is read.
import type { Capabilities, PlaneName } from '@penstock/ir'

export interface TranslationSettings {
  /** GatewayClasses that name it are ours. */
  readonly controllerName: string
  readonly capabilities: PlaneCapabilities
  /** What serves Gateways of which no GatewayConfig says by what they are served; Envoy when left out. */
  readonly plane?: PlaneName
  /**
   * All our Gateways share this fleet, or, where they are not served by Envoy, `<fleet>-<plane>`; unset, each has its own,
   * named `<namespace>~<name>`.
   */
  readonly fleet?: string
  /** How long before the end of a certificate its owner is warned; two weeks when left out. */
  readonly certificateWarningMs?: number
}

export type PlaneCapabilities = Readonly<Record<PlaneName, Capabilities>>
