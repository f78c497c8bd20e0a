// The network between us and an API server, which a test can cut: bytes pass as they are, TLS or not.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Line extends AsyncDisposable {
  readonly port: number
  /** All connections break; new ones are refused by hanging up, until `mend`. */
  cut(): void
  mend(): void
  /** Nothing passes any more, and nobody is told; `mend` lets new connections through. */
  hush(): void
  /** Connections that were made. */
  readonly made: number
}

export async function startLine(port: number): Promise<Line> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let isCut = false
  let made = 0
  const server = createServer((near) => {
    if (isCut) {
      near.resetAndDestroy()
      return
    }
    made += 1
    const far = connect(port, '127.0.0.1')
    const pair = [near, far] as const
    pairs.add(pair)
    near.pipe(far).pipe(near)
    for (const socket of pair) {
      socket
        .on('error', () => {})
        .once('close', () => {
          for (const each of pair) each.destroy()
          pairs.delete(pair)
        })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    isCut = true
    for (const [near, far] of pairs) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend() {
      isCut = false
    },
    hush() {
      for (const [near, far] of pairs) {
        near.unpipe()
        far.unpipe()
      }
    },
    get made() {
      return made
    },
    async [Symbol.asyncDispose]() {
      cut()
      const closed = new Promise((resolve) => server.close(resolve))
      await closed
    },
  }
}
