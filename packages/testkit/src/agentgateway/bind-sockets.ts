// The ports that are open: one for each bind, as long as there is one.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { OpenBind } from './bind-store.ts'

export interface ListenAt {
  readonly host: string
  readonly port: number
}

export interface BindSockets {
  /** Opens and closes ports until they are those of the binds; a port that cannot be had is told. */
  settle(binds: ReadonlyMap<string, OpenBind>): Promise<void>
  close(): Promise<void>
}

export function createBindSockets(options: {
  at(port: number): ListenAt
  onConnection(socket: Socket, bindKey: string): void
  onFailure(why: string): void
}): BindSockets {
  const servers = new Map<string, Server>()
  const close = async (key: string): Promise<void> => {
    const server = servers.get(key)
    servers.delete(key)
    // Connections that are open live on.
    server?.close()
  }
  const open = async (key: string, port: number): Promise<void> => {
    const server = createServer((socket) => options.onConnection(socket, key))
    servers.set(key, server)
    try {
      await once(server.listen(options.at(port)), 'listening')
    } catch (error) {
      options.onFailure(`bind ${key}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return {
    async settle(binds) {
      await Promise.all([...servers.keys()].filter((key) => !binds.has(key)).map(close))
      const missing = [...binds.values()].filter(({ bind }) => !bind.internal && !servers.has(bind.key))
      await Promise.all(missing.map(({ bind }) => open(bind.key, bind.port)))
    },
    close: async () => void (await Promise.all([...servers.keys()].map(close))),
  }
}
