// One address in front of several servers, as a Service is: each connection goes to the next that takes it.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Balancer extends AsyncDisposable {
  readonly port: number
}

export async function startBalancer(targets: readonly number[]): Promise<Balancer> {
  const open = new Set<Socket>()
  let turn = 0
  const keep = (socket: Socket): void => {
    open.add(socket)
    socket.setNoDelay(true)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => {})
  }
  const server = createServer((near) => {
    keep(near)
    turn += 1
    join(near, [...targets.slice(turn % targets.length), ...targets.slice(0, turn % targets.length)], keep)
  })
  await once(server.listen(0, '127.0.0.1', 1_024), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server.close(), 'close')
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

/** To the first that takes it; none does: it ends. */
function join(near: Socket, [port, ...others]: readonly number[], keep: (socket: Socket) => void): void {
  if (port === undefined) {
    near.destroy()
    return
  }
  const far = connect(port, '127.0.0.1')
  keep(far)
  const next = (): void => join(near, others, keep)
  far.once('error', next)
  far.once('connect', () => {
    far.off('error', next)
    near.pipe(far)
    far.pipe(near)
    near.once('close', () => far.destroySoon())
    far.once('close', () => near.destroySoon())
  })
}
