// A strict agentgateway v1.4.1 for tests.
export { type Agentgateway, type AgentgatewayOptions, startAgentgateway } from './agentgateway.ts'
export { addressType, resourceType } from './delivery.ts'
export { type AgentgatewayProcess, type AgentgatewayProcessOptions, startAgentgatewayProcess } from './process.ts'
export { writeStandIn } from './stand-in.ts'
export { type Reject } from './verdict.ts'
