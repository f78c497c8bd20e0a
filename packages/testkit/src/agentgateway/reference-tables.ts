// How agentgateway's messages name one another.
import { message, one, oneOf, string, uint32, type ValueOf } from './wire.ts'

export const ResourceName = message('ResourceName', { name: one(1, string), namespace: one(2, string) })

export const NamespacedHostname = message('NamespacedHostname', { namespace: one(1, string), hostname: one(2, string) })

export const BackendReference = message('BackendReference', {
  kind: oneOf({ service: [1, NamespacedHostname], backend: [2, string] }),
  port: one(3, uint32),
})

export type ResourceName = ValueOf<typeof ResourceName>
export type BackendReference = ValueOf<typeof BackendReference>
