// A proxy that runs in a pod is not ready before it has found itself among the workloads, so it is told what it said of
// itself when it came.
import { agentgatewayTypes } from './agentgateway-types.ts'
import { ipBytes } from './ip-address.ts'
import { encodeAddress, type Resource } from './resource.ts'

/** What a proxy says of itself: texts, some of them empty. */
export type NodeMetadata = Readonly<Record<string, unknown>>

export interface OwnWorkload {
  readonly typeUrl: string
  readonly name: string
  readonly resource: Resource
}

/** None for a proxy outside of a pod, which does not look for itself. */
export function ownWorkload(metadata: NodeMetadata): OwnWorkload | undefined {
  const text = (name: string): string => {
    const value = metadata[name]
    return typeof value === 'string' ? value : ''
  }
  const [name, namespace] = [text('NAME'), text('NAMESPACE')]
  if (name === '' || namespace === '') return undefined
  const uid = `Kubernetes//Pod/${namespace}/${name}`
  const addresses = text('INSTANCE_IPS').split(',').flatMap(addressIn)
  const value = { uid, name, namespace, addresses, node: text('NODE_NAME') }
  return { typeUrl: agentgatewayTypes.address, name: uid, resource: encodeAddress({ $case: 'workload', value }) }
}

/** A proxy may say anything. */
function addressIn(text: string): Uint8Array[] {
  try {
    return [ipBytes(text.trim())]
  } catch {
    return []
  }
}
