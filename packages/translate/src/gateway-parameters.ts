// What the GatewayConfigs of a Gateway and of its class come to, for this Gateway.
import type { Gateway } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import type { PlaneName } from '@penstock/ir'
import type { OwnClass } from './gateway-class.ts'
import { findParameters, forOtherPlane, type GatewayParameters, mergeParameters, planeOf } from './gateway-config.ts'
import { parameterProblems } from './parameter-rules.ts'
import { planeNames } from './planes.ts'
import type { Problem } from './problem.ts'
import type { PlaneCapabilities } from './settings.ts'
import { nameOf, sourceOf } from './source.ts'

export interface ParametersOfGateway {
  readonly plane: PlaneName
  /** By what it and its routes are judged: every plane, if it is not known by which its proxies run. */
  readonly planes: readonly PlaneName[]
  /** What its own GatewayConfig says over that of its class; nothing, if there are problems. */
  readonly parameters: GatewayParameters
  /** Why it is not known how its proxies should run: those that run go on as they are. */
  readonly parameterProblems: readonly Problem[]
}

export function parametersOfGateway(
  gateway: Gateway,
  ownClass: OwnClass,
  read: Read,
  from: { readonly parameters: Collection<GatewayParameters>; readonly capabilities: PlaneCapabilities },
): ParametersOfGateway {
  const source = sourceOf(gateway)
  const { namespace } = source
  const ref = gateway.spec.infrastructure?.parametersRef
  const field = `spec.infrastructure.parametersRef of ${nameOf(source)}`
  const own = findParameters(ref && { ...ref, namespace }, field, read, from)
  const plane = own.layers.flatMap(({ said }) => planeOf(said) ?? [])[0] ?? ownClass.plane
  const ofClass = plane === ownClass.plane ? ownClass.parameters : ownClass.parameters.map(forOtherPlane)
  const merged = mergeParameters([...ofClass, ...own.layers])
  const refusedClass = ownClass.problems.map(({ reason, message }) => ({
    reason,
    message: `${nameOf(source)} belongs to a class that is not accepted: ${message}`,
  }))
  // What the class alone says was judged there.
  const isJudged = refusedClass.length > 0 || own.layers.length === 0
  const unusable = isJudged ? [] : parameterProblems(merged, plane, from.capabilities)
  const problems = [...refusedClass, ...own.problems, ...unusable]
  // What cannot be is told to no proxy, also where nothing older stands in for it.
  const known =
    problems.length === 0 ? { planes: [plane], parameters: merged.spec } : { planes: planeNames, parameters: {} }
  return { plane, ...known, parameterProblems: problems }
}
