// GatewayClass: which of them are ours, and by which plane they are served (Gateway API: GatewayClassSpec.controllerName).
// SupportedVersion is said by whoever sees the installed CRDs.
import { type GatewayClass, gatewayClassFinalizer } from '@penstock/gateway-api'
import type { Status } from '@penstock/ir'
import { supportedFeatures } from './features.ts'
import { conditionOf, type Problem } from './problem.ts'
import { refusals, refusedOfClass } from './refused.ts'
import type { TranslationSettings } from './settings.ts'
import { nameOf, sourceOf } from './source.ts'

export interface OwnClass {
  /** The only plane so far. */
  readonly plane: 'envoy'
  /** Why no Gateway may use it. */
  readonly problems: readonly Problem[]
}

/** What Gateways need to know of their class; nothing if another controller's. */
export function translateGatewayClass(
  gatewayClass: GatewayClass,
  { controllerName }: TranslationSettings,
): OwnClass | undefined {
  if (gatewayClass.spec.controllerName !== controllerName) return undefined
  return { plane: 'envoy', problems: refusals(refusedOfClass, gatewayClass, nameOf(sourceOf(gatewayClass))) }
}

export function gatewayClassStatus(
  gatewayClass: GatewayClass,
  { own, inUse }: { readonly own: OwnClass | undefined; readonly inUse: boolean },
  { capabilities }: TranslationSettings,
): Status | undefined {
  if (own === undefined) return undefined
  const accepted = conditionOf('Accepted', own.problems, 'Gateways of this class are served by Penstock.')
  return {
    source: sourceOf(gatewayClass),
    conditions: [accepted],
    parents: [],
    listeners: [],
    supportedFeatures: accepted.status ? supportedFeatures(capabilities[own.plane]) : [],
    fleets: [],
    finalizers: inUse ? [gatewayClassFinalizer] : [],
  }
}
