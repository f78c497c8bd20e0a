// A strict agentgateway v1.4.1 for tests.
export { type Agentgateway, type AgentgatewayOptions, startAgentgateway } from './agentgateway.ts'
export { addressType, resourceType } from './delivery.ts'
export { type Reject } from './verdict.ts'
