// What the requests of all cases meet besides the proxy: the backends, at the addresses of the cases' endpoints.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EchoBackend, startEchoBackend, startGrpcBackend } from '@penstock/testkit'

const pem = (name: string): string => readFileSync(join(import.meta.dirname, 'tls', `${name}.pem`), 'utf8')
const certificates = { client: pem('client'), stranger: pem('stranger'), expired: pem('expired'), ca: pem('ca') }
/** What backends show that speak TLS. */
const backendTls = { cert: pem('backend'), key: pem('backend'), ca: pem('ca') }
const plain = { v1: '127.77.0.1', v2: '127.77.0.2', v3: '127.77.0.3', v6: '::1' }
const grpc = { g1: '127.77.0.1', g2: '127.77.0.2' }

export interface GoldenSurroundings {
  /** Those that count what they see. */
  readonly backends: readonly EchoBackend[]
  /** What requests may show, and whom they may trust. */
  readonly certificates: Readonly<Record<string, string>>
}

/** They end with `stack`. */
export async function startSurroundings(stack: AsyncDisposableStack): Promise<GoldenSurroundings> {
  const backends: EchoBackend[] = []
  for (const [name, address] of Object.entries(plain))
    backends.push(stack.use(await startEchoBackend(name, address, 3_000)))
  for (const [name, address] of Object.entries(grpc))
    backends.push(stack.use(await startGrpcBackend(name, address, 3_001)))
  backends.push(stack.use(await startEchoBackend('t1', '127.77.0.1', 3_443, backendTls)))
  stack.use(await startGrpcBackend('t2', '127.77.0.1', 3_444, backendTls))
  return { backends, certificates }
}
