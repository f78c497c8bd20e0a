// An xds-server as a process, from its start to the moment when a proxy that was waiting for it has everything.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { envoyTypes } from '@penstock/plane-envoy'
import { freePorts, until } from '@penstock/testkit'
import { createDeltaClient } from '@penstock/xds'
import { place } from './place.ts'

export interface ServerStart {
  /** To the answer of `/readyz`. */
  readonly readyMs: number
  /** To the first resource that the proxy got. */
  readonly firstMs: number
  /** To the last of the clusters that it waited for. */
  readonly allMs: number
}

const main = resolve(import.meta.dirname, '../../apps/xds-server/dist/main.js')
const longMs = 120_000

export async function startServer(natsUrl: string, clusters: number): Promise<ServerStart> {
  const [adminPort = 0, xdsPort = 0] = await freePorts(2)
  const env = {
    PATH: process.env['PATH'],
    PENSTOCK_NATS_URL: natsUrl,
    PENSTOCK_INSTALL: place.install,
    PENSTOCK_SOURCE: place.source,
    PENSTOCK_ADMIN_PORT: String(adminPort),
    PENSTOCK_XDS_PORT: String(xdsPort),
    PENSTOCK_LOG_LEVEL: 'error',
  }
  const startedAt = performance.now()
  const since = (): number => performance.now() - startedAt
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'inherit', 'inherit'] })
  try {
    const readyz = `http://127.0.0.1:${adminPort}/readyz`
    await until('the server is ready', async () => (await fetch(readyz).catch(() => undefined))?.ok, longMs)
    const readyMs = since()
    await using proxy = createDeltaClient({ port: xdsPort, node: { id: 'proxy', cluster: 'local' } })
    proxy.subscribe(envoyTypes.cluster)
    proxy.subscribe(envoyTypes.listener)
    await proxy.until(() => proxy.responses.length > 0, longMs)
    const firstMs = since()
    await proxy.until(() => proxy.held(envoyTypes.cluster).size >= clusters, longMs)
    return { readyMs, firstMs, allMs: since() }
  } finally {
    await end(child)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
