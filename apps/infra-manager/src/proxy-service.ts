// The Service of a fleet: the ports of the listeners as they are, and the address that the Gateway asks for. Pure.
import { type Infra, Transport } from '@penstock/ir'
import type { PlainObject } from '@penstock/kube'
import { mergeJson, objectOf } from './json-merge.ts'
import { proxySelector } from './proxy-names.ts'

const defaultType = 'LoadBalancer'

export function serviceSpec({ ports, addresses, parameters }: Infra, name: string): PlainObject {
  const type = parameters?.service?.type || defaultType
  // A Service can ask for one; whether the Gateway has all is judged by what it gets.
  const wish = addresses.find((address) => address.type === 'IPAddress' && address.value !== '')?.value
  // Never `externalIPs`: they would draw traffic to an address that its owner did not give away.
  const asked = type === defaultType ? { loadBalancerIP: wish } : { clusterIP: wish }
  const spec = {
    type,
    ...(wish === undefined ? {} : asked),
    selector: proxySelector(name),
    ports: ports.map(({ port, transport }) => {
      const protocol = transport === Transport.UDP ? 'UDP' : 'TCP'
      return { name: `${protocol.toLowerCase()}-${port}`, port, targetPort: port, protocol }
    }),
  }
  return mergeJson(spec, objectOf(parameters?.service?.specJson ?? ''))
}
