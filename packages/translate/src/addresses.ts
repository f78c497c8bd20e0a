// The addresses that a Gateway asks for (Gateway API: GatewaySpec.addresses). Whoever runs its proxies gets them; that one
// cannot be had is seen only then, and told by Programmed.
import type { ConditionReason, Gateway } from '@penstock/gateway-api'
import type { RequestedAddress } from '@penstock/ir'
import type { Problem } from './problem.ts'

export interface Addresses {
  readonly requested: readonly RequestedAddress[]
  readonly problems: readonly Problem<ConditionReason<'Gateway', 'Accepted'>>[]
}

/**
 * `owner` starts the sentence: `Gateway default/gw`. `managed`: its proxies are ours to run. One that is refused leaves the
 * others asked for, so that no address is given that nobody wants.
 */
export function addressesOf({ spec }: Gateway, owner: string, managed: boolean): Addresses {
  const declared = spec.addresses ?? []
  if (declared.length > 0 && !managed) {
    const message = `${owner} sets spec.addresses, but who gives its proxies addresses is not Penstock.`
    return { requested: [], problems: [{ reason: 'UnsupportedAddress', message }] }
  }
  const requested: RequestedAddress[] = []
  const problems: Addresses['problems'][number][] = []
  declared.forEach((address, at) => {
    const { type, value = '' } = address
    const why = whyUnsupported(address)
    if (why === undefined) requested.push({ type, value })
    else problems.push({ reason: 'UnsupportedAddress', message: `spec.addresses[${at}] of ${owner} ${why}.` })
  })
  return { requested, problems }
}

/** An empty routability asks for nothing (GEP-5093). */
function whyUnsupported({
  type,
  routability = '',
}: NonNullable<Gateway['spec']['addresses']>[number]): string | undefined {
  if (type !== 'IPAddress') return `is of type ${type}, but only an IPAddress can be asked for`
  return routability === '' ? undefined : 'sets routability, which Penstock does not support yet'
}

/** Those that it must have; an empty value is any address. */
export const requiredAddresses = ({ requested }: Addresses): { values: string[] } | undefined => {
  const values = requested.map(({ value }) => value).filter((value) => value !== '')
  return values.length > 0 ? { values } : undefined
}
