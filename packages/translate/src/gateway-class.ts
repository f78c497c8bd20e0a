// GatewayClass: which of them are ours, and by which plane they are served (Gateway API: GatewayClassSpec.controllerName).
import { type GatewayClass, gatewayClassFinalizer } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import type { Condition, PlaneName, Status } from '@penstock/ir'
import { supportedFeatures } from './features.ts'
import {
  findParameters,
  type GatewayParameters,
  mergeParameters,
  planeOf,
  type SaidParameters,
} from './gateway-config.ts'
import { parameterProblems } from './parameter-rules.ts'
import { conditionOf, type Problem } from './problem.ts'
import type { TranslationSettings } from './settings.ts'
import { nameOf, sourceOf } from './source.ts'

export interface OwnClass {
  /** Unless a Gateway's own parameters say otherwise. */
  readonly plane: PlaneName
  /** Of its GatewayConfig, if it names one. */
  readonly parameters: readonly SaidParameters[]
  /** Why it is not accepted. */
  readonly problems: readonly Problem[]
}

/** What Gateways need to know of their class; nothing if another controller's. */
export function translateGatewayClass(
  gatewayClass: GatewayClass,
  read: Read,
  from: { readonly parameters: Collection<GatewayParameters> },
  { controllerName, plane: usual = 'envoy', capabilities }: TranslationSettings,
): OwnClass | undefined {
  if (gatewayClass.spec.controllerName !== controllerName) return undefined
  const field = `spec.parametersRef of ${nameOf(sourceOf(gatewayClass))}`
  const { layers, problems } = findParameters(gatewayClass.spec.parametersRef, field, read, from)
  const merged = mergeParameters(layers)
  const plane = planeOf(merged.spec) ?? usual
  const unusable = parameterProblems(merged, plane, capabilities)
  return { plane, parameters: layers, problems: [...problems, ...unusable] }
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
