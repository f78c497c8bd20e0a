// Which hostname is the better one. Text is compared as it is: upper case in a Host header is another host.

/** For listeners: the host itself, then the longest suffix, then the empty hostname. */
export function bestByHostname<L extends { readonly hostname: string }>(
  listeners: readonly L[],
  host: string,
): L | undefined {
  const wildcards = listeners
    .filter(({ hostname }) => hostname.startsWith('*') && host.endsWith(hostname.slice(1)))
    .toSorted((a, b) => b.hostname.length - a.hostname.length)
  return (
    listeners.find(({ hostname }) => hostname === host) ??
    wildcards[0] ??
    listeners.find(({ hostname }) => hostname === '')
  )
}

export const takesHost = ({ hostname }: { readonly hostname: string }, host: string): boolean =>
  hostname === '' || hostname === host || (hostname.startsWith('*') && host.endsWith(hostname.slice(1)))

/** The hostnames of routes that this host meets, best first; `''`: routes without any. A lone `*` is met by none. */
export function hostnamesFor(host: string): readonly string[] {
  const labels = host.split('.')
  const suffixes = labels.slice(1).map((_, at) => `*.${labels.slice(at + 1).join('.')}`)
  return [host, ...suffixes, '']
}
