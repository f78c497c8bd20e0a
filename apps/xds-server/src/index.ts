// For tests that run the service in process.
export { startXdsServer, type XdsService, type XdsServiceOptions } from './start.ts'
