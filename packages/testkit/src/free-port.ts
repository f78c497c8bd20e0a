// Envoy shares a port with whoever else reuses it, in silence: a test that names its ports looks first.
import { connect } from 'node:net'

/** Rejects when something on this machine accepts connections on the port. */
export async function expectFree(port: number): Promise<void> {
  const taken = await new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const answer = (value: boolean): void => {
      socket.destroy()
      resolve(value)
    }
    socket.once('connect', () => answer(true)).once('error', () => answer(false))
  })
  if (taken) throw new Error(`port ${port}, which this test needs, is taken by another process`)
}
