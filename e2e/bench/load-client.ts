// A process of its own that asks one proxy as fast as it answers, over connections that stay open: bytes written ahead,
// answers told apart by their length, nothing parsed. Told a round by its parent, it says how many answers came.
import { connect, type Socket } from 'node:net'

export interface LoadRound {
  readonly port: number
  /** One after the other. */
  readonly hosts: readonly string[]
  readonly durationMs: number
}

export interface LoadAnswers {
  readonly answers: number
  /** The first answer that was not 200, if any. */
  readonly wrong: string | undefined
}

const connections = 16

process.on('message', (round: LoadRound) => void run(round).then((answers) => process.send?.(answers)))
process.once('disconnect', () => process.exit())

async function run({ port, hosts, durationMs }: LoadRound): Promise<LoadAnswers> {
  const requests = hosts.map((host) => Buffer.from(`GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`))
  const total = { answers: 0, wrong: undefined as string | undefined }
  let next = 0
  const ends = performance.now() + durationMs
  const ask = (socket: Socket): void => {
    if (performance.now() > ends) return void socket.end()
    next = (next + 1) % requests.length
    socket.write(requests[next] ?? '')
  }
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => ask(socket))
      socket.once('error', reject).once('close', () => resolve())
      // Every answer is one small segment.
      socket.on('data', (bytes) => {
        if (bytes.toString('latin1', 9, 12) !== '200') total.wrong ??= bytes.toString('latin1')
        total.answers += 1
        ask(socket)
      })
    })
  await Promise.all(Array.from({ length: connections }, one))
  return total
}
