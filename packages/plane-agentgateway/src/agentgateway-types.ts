// The two resource types. A proxy asks for both by wildcard and is not ready before each was answered, though with nothing.
import { serviceOfAddress } from './resource-name.ts'

const typeUrl = (name: string): string => `type.googleapis.com/${name}`

export const agentgatewayTypes = {
  address: typeUrl('istio.workload.Address'),
  resource: typeUrl('agentgateway.dev.resource.Resource'),
} as const

export type AgentgatewayType = keyof typeof agentgatewayTypes

interface PhasedType {
  readonly typeUrl: string
  /** Changes go at once, past the phases. */
  readonly immediate?: true
  /** While the resource that a name is part of stays, the part goes without delay. */
  readonly partOf?: (name: string) => string | undefined
  /** Every proxy asks for it. */
  readonly expected?: true
}

/**
 * Make before break: a route that names an unknown service answers 500, so services come before the routes to them and go
 * after them. The proxy itself takes any order without an error. A pod that goes while its service stays is gone at once.
 */
export const agentgatewayPhases: readonly (readonly PhasedType[])[] = [
  [{ typeUrl: agentgatewayTypes.address, expected: true, immediate: true, partOf: serviceOfAddress }],
  [{ typeUrl: agentgatewayTypes.resource, expected: true }],
]
