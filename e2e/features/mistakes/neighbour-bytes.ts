// What of the neighbours stands in messages to Envoy, in the smallest parts that belong to one of them alone.
import { envoyTypes } from '@penstock/plane-envoy'
import { envoyJson } from '@penstock/testkit'
import type { XdsMessage } from '../xds-wire.ts'

/** By name, what was sent of it last; what was removed is an empty text. */
export type Parts = ReadonlyMap<string, string>

export function partsIn(messages: readonly XdsMessage[]): Parts {
  const parts = new Map<string, string>()
  for (const { typeUrl, resources, removed } of messages) {
    const type = typeUrl.slice(typeUrl.lastIndexOf('.') + 1)
    for (const { name, body } of resources) {
      for (const [part, content] of partsOf(typeUrl, name, body)) parts.set(`${type} ${part}`, content)
    }
    for (const name of removed) parts.set(`${type} ${name}`, '')
  }
  return parts
}

/**
 * Which of the parts `before` were sent again. The listener of a port is shared by all that have chains in it: a part of
 * one counts if it is not as it was.
 */
export function disturbed(before: Parts, messages: readonly XdsMessage[]): readonly string[] {
  const now = partsIn(messages)
  return [...before].flatMap(([part, content]) => {
    if (!part.startsWith('Listener ')) return now.has(part) ? [part] : []
    const [type, name] = part.split(' ')
    return now.has(`${type} ${name} ${frame}`) && now.get(part) !== content ? [part] : []
  })
}

/** A listener without its chains. */
const frame = '(frame)'

interface Listener {
  readonly filterChains: readonly { readonly name?: string }[]
}
interface Table {
  readonly virtualHosts?: readonly { readonly name: string }[]
}

function partsOf(typeUrl: string, name: string, body: Uint8Array): readonly (readonly [string, string])[] {
  if (typeUrl === envoyTypes.table) {
    const { virtualHosts = [] } = envoyJson(typeUrl, body) as unknown as Table
    return virtualHosts.map((host) => [`${name} ${host.name}`, JSON.stringify(host)])
  }
  if (typeUrl === envoyTypes.listener) {
    const { filterChains, ...rest } = envoyJson(typeUrl, body) as unknown as Listener
    const chains = filterChains.map((chain) => [`${name} ${chain.name ?? ''}`, JSON.stringify(chain)] as const)
    return [[`${name} ${frame}`, JSON.stringify(rest)], ...chains]
  }
  return [[name, Buffer.from(body).toString('base64')]]
}
