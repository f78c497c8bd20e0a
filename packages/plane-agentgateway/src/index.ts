// agentgateway: from IR to the resources that its proxies get.
export { agentgatewayPhases, agentgatewayTypes } from './agentgateway-types.ts'
export { agentgatewayCapabilities } from './capabilities.ts'
export { type NodeMetadata, type OwnWorkload, ownWorkload } from './own-workload.ts'
export {
  type AgentgatewayPlane,
  type AgentgatewayPlaneOptions,
  createAgentgatewayPlane,
} from './plane.ts'
export { readRefusal } from './refusal.ts'
export type { OpenKey } from './secrets.ts'
