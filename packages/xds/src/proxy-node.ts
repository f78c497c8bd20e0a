// How a proxy names itself in the first request of its stream (rule 1: only there).
import type { Node } from './gen/envoy/config/core/v3/base.ts'

export interface ProxyNode {
  id: string
  cluster: string
  metadata: Readonly<Record<string, unknown>>
  /** Kind of proxy, such as "envoy". */
  userAgent: string
}

export const createProxyNode = (node: Node): ProxyNode => ({
  id: node.id ?? '',
  cluster: node.cluster ?? '',
  metadata: node.metadata ?? {},
  userAgent: node.userAgentName ?? '',
})
