// GatewayConfig (penstock.dev): the one that a parametersRef names, and what those of a class and of a Gateway come to
// (Gateway API: ParametersReference, LocalParametersReference).
import { type ConditionReason, type GatewayConfig, objectKey } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import type { PlaneName, ProxyParameters } from '@penstock/ir'
import type { Problem } from './problem.ts'

/** What is set. */
export type GatewayParameters = Partial<ProxyParameters> & { readonly plane?: PlaneName }

/** What readers see of a GatewayConfig. */
export function gatewayParameters({ spec }: GatewayConfig): GatewayParameters {
  return {
    ...(spec.plane === undefined ? {} : { plane: planes[spec.plane] }),
    ...(spec.image === undefined ? {} : { image: spec.image }),
  }
}

const planes: Readonly<Record<NonNullable<GatewayConfig['spec']['plane']>, PlaneName>> = {
  Envoy: 'envoy',
  Agentgateway: 'agentgateway',
}

interface Reference {
  readonly group: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

export interface FoundParameters {
  readonly parameters: GatewayParameters
  readonly problems: readonly Problem<ConditionReason<'Gateway', 'Accepted'> & 'InvalidParameters'>[]
}

/** `field`: the reference as a sentence calls it. */
export function findParameters(
  ref: Reference | undefined,
  field: string,
  read: Read,
  from: { readonly parameters: Collection<GatewayParameters> },
): FoundParameters {
  if (ref === undefined) return { parameters: {}, problems: [] }
  const { group, kind, namespace = '', name } = ref
  if (group !== 'penstock.dev' || kind !== 'GatewayConfig') {
    return refused(
      `${field} names ${kind} of group "${group}", but GatewayConfig of group "penstock.dev" is read there.`,
    )
  }
  if (namespace === '') return refused(`${field} names no namespace, and a GatewayConfig is in one.`)
  const parameters = read.get(from.parameters, objectKey({ group, kind, namespace, name }))
  return parameters === undefined
    ? refused(`${field} names GatewayConfig ${namespace}/${name}, which does not exist.`)
    : { parameters, problems: [] }
}

const refused = (message: string): FoundParameters => ({
  parameters: {},
  problems: [{ reason: 'InvalidParameters', message }],
})
