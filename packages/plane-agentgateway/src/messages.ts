// The proxy's messages, for who reads what the plane sends.
export { Resource } from './gen/agentgateway/resource.ts'
export { Address } from './gen/agentgateway/workload.ts'

/** A FileDescriptorSet of all of them. */
export const descriptors = new URL('../src/gen/agentgateway.binpb', import.meta.url)
