// Names that a certificate of a server can be for: what a client compares is an address, or a name of DNS in ASCII.
import { isIP } from 'node:net'

const label = '[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?'
/** Its last label holds a letter: what ends in a number is an address, or none. */
const last = '([0-9][-0-9]*)?[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?'
const dnsName = new RegExp(`^([*][.])?(${label}[.])*${last}$`)

/** The same for a schema, which cannot count what an address is made of. */
export const serverNamePattern = `^(${dnsName.source.slice(1, -1)}|([0-9]{1,3}[.]){3}[0-9]{1,3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$`

export function checkServerName(name: string): string {
  // A zone means something on one machine only.
  const isName = isIP(name) === 0 ? name.length <= 253 && dnsName.test(name) : !name.includes('%')
  if (isName) return name
  throw new Error(
    `"${name}" is no name of a server: an IP address, or a name of DNS ("*." only in front), without a port`,
  )
}
