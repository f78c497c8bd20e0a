// agentgateway: from IR to the resources that its proxies get.
export { agentgatewayPhases, agentgatewayTypes } from './agentgateway-types.ts'
export { agentgatewayCapabilities } from './capabilities.ts'
export {
  type AgentgatewayPlane,
  type AgentgatewayPlaneOptions,
  createAgentgatewayPlane,
  type FleetChange,
  type RecordChange,
} from './plane.ts'
export type { OpenKey } from './secrets.ts'
