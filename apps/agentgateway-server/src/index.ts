// For tests that run the service in process, and for the reference that is made from the settings.
export { settings } from './settings.ts'
export {
  type AgentgatewayService,
  type AgentgatewayServiceOptions,
  startAgentgatewayServer,
} from './start.ts'
