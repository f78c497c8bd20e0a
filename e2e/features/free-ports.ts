// Ports for what cannot be told "any free one": a listener named in YAML, the ports of the local stack.
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the range from which Linux takes the ports of outgoing connections, so none of these is taken meanwhile. */
const [lowest, highest] = [20_000, 32_000]

/** The first of `count` ports in a row that were free a moment ago. */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const first = lowest + Math.floor(Math.random() * (highest - lowest - count))
    const free = await Promise.all(Array.from({ length: count }, (_, offset) => isFree(first + offset)))
    if (!free.includes(false)) return first
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
