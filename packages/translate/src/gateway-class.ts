// GatewayClass: which of them are ours, and by which plane they are served (Gateway API: GatewayClassSpec.controllerName).
import { type GatewayClass, gatewayClassFinalizer } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import type { Condition, PlaneName, Status } from '@penstock/ir'
import { supportedFeatures } from './features.ts'
import { findParameters, type GatewayParameters } from './gateway-config.ts'
import { conditionOf, type Problem } from './problem.ts'
import type { TranslationSettings } from './settings.ts'
import { nameOf, sourceOf } from './source.ts'

export interface OwnClass {
  /** Unless a Gateway's own parameters say otherwise. */
  readonly plane: PlaneName
  readonly parameters: GatewayParameters
  /** Why it is not accepted. */
  readonly problems: readonly Problem[]
}

/** What Gateways need to know of their class; nothing if another controller's. */
export function translateGatewayClass(
  gatewayClass: GatewayClass,
  read: Read,
  from: { readonly parameters: Collection<GatewayParameters> },
  { controllerName, plane = 'envoy' }: TranslationSettings,
): OwnClass | undefined {
  if (gatewayClass.spec.controllerName !== controllerName) return undefined
  const field = `spec.parametersRef of ${nameOf(sourceOf(gatewayClass))}`
  const { parameters, problems } = findParameters(gatewayClass.spec.parametersRef, field, read, from)
  return { plane: parameters.plane ?? plane, parameters, problems }
}

interface ClassView {
  readonly own: OwnClass | undefined
  readonly inUse: boolean
  /** SupportedVersion, if it can be said. */
  readonly version: Condition | undefined
  readonly servesTrustBundles: boolean
}

export function gatewayClassStatus(
  gatewayClass: GatewayClass,
  { own, inUse, version, servesTrustBundles }: ClassView,
  { capabilities, fleet }: TranslationSettings,
): Status | undefined {
  if (own === undefined) return undefined
  const accepted = conditionOf('Accepted', own.problems, 'Gateways of this class are served by Penstock.')
  return {
    source: sourceOf(gatewayClass),
    conditions: [accepted, ...(version ? [version] : [])],
    parents: [],
    listeners: [],
    supportedFeatures: accepted.status
      ? supportedFeatures(capabilities[own.plane], { managed: fleet === undefined, servesTrustBundles })
      : [],
    fleets: [],
    finalizers: inUse ? [gatewayClassFinalizer] : [],
  }
}
