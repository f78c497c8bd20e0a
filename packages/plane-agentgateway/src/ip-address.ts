// Addresses as the proxy has them: 4 bytes or 16, without a port.

/** Throws on what is no IP address: EndpointSlices of IPv4 and IPv6 hold nothing else. */
export function ipBytes(text: string): Uint8Array {
  return text.includes(':') ? ipv6Bytes(text) : ipv4Bytes(text)
}

function ipv4Bytes(text: string): Uint8Array {
  const parts = text.split('.')
  const bytes = parts.map(Number)
  const isByte = (byte: number, at: number): boolean => /^\d{1,3}$/.test(parts[at] ?? '') && byte <= 255
  if (bytes.length !== 4 || !bytes.every(isByte)) throw new Error(`${text} is no IP address`)
  return Uint8Array.from(bytes)
}

/** RFC 4291, 2.2: groups of 16 bits, "::" for the zeros, the last 32 bits perhaps as an IPv4 address. */
function ipv6Bytes(text: string): Uint8Array {
  const [head = '', tail, ...more] = text.split('::')
  const start = groupBytes(head)
  const end = groupBytes(tail ?? '')
  const gap = 16 - start.length - end.length
  const isWhole = more.length === 0 && (tail === undefined ? gap === 0 : gap >= 2)
  if (!isWhole) throw new Error(`${text} is no IP address`)
  return Uint8Array.from([...start, ...Array<number>(gap).fill(0), ...end])
}

function groupBytes(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return [...ipv4Bytes(group)]
    if (!/^[0-9a-f]{1,4}$/i.test(group)) throw new Error(`${group} is no part of an IP address`)
    const bits = Number.parseInt(group, 16)
    return [bits >> 8, bits & 0xff]
  })
}
