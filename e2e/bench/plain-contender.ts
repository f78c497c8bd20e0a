// Beside the stack: a server that serves its records plain, and an Envoy of its own.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { startEnvoy, until } from '@penstock/testkit'
import type { Contender } from './contender.ts'
import type { PlainServerMessage, PlainServerOptions } from './plain-server.ts'

export interface PlainContender extends Contender, AsyncDisposable {
  readonly serverPid: number
}

const portOffset = 100

export async function startPlain(place: Omit<PlainServerOptions, 'portOffset'>): Promise<PlainContender> {
  await using stack = new AsyncDisposableStack()
  const options: PlainServerOptions = { ...place, portOffset }
  const server = fork(join(import.meta.dirname, 'plain-server.ts'), [JSON.stringify(options)], { execArgv: [] })
  stack.defer(() => end(server))
  let port = 0
  let acknowledged = { commit: 0, at: 0, messages: 0, resources: 0, bytes: 0 }
  server.on('message', (message: PlainServerMessage) => {
    if ('port' in message) port = message.port
    else {
      const { acknowledged: commit, ...sent } = message
      const at = commit === acknowledged.commit ? acknowledged.at : performance.now()
      acknowledged = { commit, at, ...sent }
    }
  })
  await until('the plain server is there', () => port !== 0)
  const envoy = stack.use(await startEnvoy({ xdsPort: port, fleet: place.fleet }))
  await envoy.waitUntilLive()
  const running = stack.move()
  return {
    name: 'plain',
    portOffset,
    proxyPid: envoy.pid,
    serverPid: server.pid as number,
    acknowledgedAt: () => acknowledged.at,
    sent: async () => acknowledged,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exited = once(server, 'exit')
  server.kill('SIGKILL')
  await exited
}
