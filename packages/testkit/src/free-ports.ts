// Ports for what cannot be told "any free one": a listener named in YAML, servers that are started again.
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the range from which Linux takes the ports of outgoing connections, so none of these is taken meanwhile. */
const [lowest, highest] = [20_000, 32_000]

/** Ports in a row that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const first = lowest + Math.floor(Math.random() * (highest - lowest - count))
    const ports = Array.from({ length: count }, (_, offset) => first + offset)
    const free = await Promise.all(ports.map(isFree))
    if (!free.includes(false)) return ports
  }
  throw new Error(`no ${count} free ports in a row between ${lowest} and ${highest}`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '0.0.0.0'), 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
