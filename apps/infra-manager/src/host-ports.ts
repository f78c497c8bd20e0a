// What can be listened on here, and who listens already.
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'

/** Why nobody can begin to listen there, as the system names it; undefined: somebody can. Port 0 asks for the address. */
export function whyClosed(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', ({ code = 'EIO' }: NodeJS.ErrnoException) => resolve(code))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

/** Of all addresses the one that no proxy has: on which processes may listen at a port is the same everywhere. */
const spare = '127.255.255.254'

/**
 * Why a proxy that runs does not listen there, as far as others are to blame. Nothing listens there to find out, not even
 * for a moment: in that moment the proxy itself could begin to.
 */
export async function whyNotOpen(host: string, port: number): Promise<string | undefined> {
  if (await isAnswered(host, port)) return 'EADDRINUSE'
  return (await whyClosed(spare, port)) === 'EACCES' ? 'EACCES' : undefined
}

function isAnswered(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const settle = (answered: boolean): void => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', () => settle(true)).once('error', () => settle(false))
    // Somebody listens, and takes nothing.
    socket.setTimeout(1_000, () => settle(true))
  })
}

/** What a person is told of it. */
export function closedPort(address: string, port: number, code: string): string {
  if (code === 'EADDRINUSE') return `Port ${port} of ${address} is taken by another process.`
  if (code === 'EACCES') return `Port ${port} is for privileged processes only, which this one is not.`
  return `Port ${port} of ${address} cannot be listened on (${code}).`
}

/** Addresses on which some process listens, whichever port; where the system does not say: none. */
export function listeningAddresses(): Set<string> {
  try {
    return new Set(readFileSync('/proc/net/tcp', 'utf8').split('\n').flatMap(listening))
  } catch {
    return new Set()
  }
}

/** proc(5): `sl local_address rem_address st …`, addresses in the byte order of the machine. */
function listening(line: string): string[] {
  const [, local = '', , state] = line.trim().split(/\s+/)
  if (state !== '0A') return []
  const bytes = [...Buffer.from(local.slice(0, 8), 'hex')]
  return [bytes.reverse().join('.')]
}
