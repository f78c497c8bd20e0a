// Where a proxy listens is for whoever starts it to say: it stands in the metadata of its node, and its listeners, else equal
// for the whole fleet, bind to it (docs/adr/0010-host-provider.md).
import { listenAddressField } from './bootstrap.ts'
import { envoyTypes } from './envoy-types.ts'
import type { Address } from './gen/envoy/config/core/v3/address.ts'
import { Listener } from './gen/envoy/config/listener/v3/listener.ts'

/** The bodies of resources as the proxy with this metadata gets them; undefined: as they are. */
export function bodiesOf(
  metadata: Readonly<Record<string, unknown>>,
): ((typeUrl: string, body: Uint8Array) => Uint8Array) | undefined {
  const address = metadata[listenAddressField]
  if (typeof address !== 'string') return undefined
  return (typeUrl, body) => (typeUrl === envoyTypes.listener ? bindTo(address, body) : body)
}

/** What is no address Envoy refuses, in its own words. */
function bindTo(address: string, body: Uint8Array): Uint8Array {
  const listener = Listener.decode(body)
  return Listener.encode({ ...listener, address: at(address, listener.address) }).finish()
}

function at(address: string, { address: before }: Address = {}): Address {
  if (before?.$case !== 'socketAddress') return { address: before }
  return { address: { ...before, value: { ...before.value, address } } }
}
