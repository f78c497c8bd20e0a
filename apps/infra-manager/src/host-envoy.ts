// Envoy as a process: its bootstrap and arguments, and what its admin port says. That port is any free one on loopback.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createBootstrap } from '@penstock/plane-envoy/bootstrap'
import { drainSecondsOf } from './drain.ts'
import { envoyLogArguments } from './envoy-logging.ts'
import type { HostPlace, HostProxyKind } from './host-proxy.ts'
import { mergeJson, objectOf } from './json-merge.ts'

const [bootstrapName, adminName] = ['envoy.json', 'admin'] as const
/** Several share a machine on which somebody works. */
const workers = 2
/** For so long it still takes connections that were on their way, and asks every client to connect anew. */
const closingSeconds = 1
/** For so long beyond, whoever took over has time to end it: it has no admin port any more, and the other minds its death. */
const heirSeconds = 5

export interface HostEnvoyOptions {
  /** The program, or its name on the PATH. */
  readonly program: string
  /** host:port */
  readonly xdsAddress: string
}

export const createHostEnvoy = ({ program, xdsAddress }: HostEnvoyOptions): HostProxyKind => ({
  command(place) {
    return {
      program,
      args: [
        ...['-c', join(place.folder, bootstrapName), '--admin-address-path', join(place.folder, adminName)],
        ...['--base-id', baseIdOf(place.line), '--restart-epoch', String(place.epoch)],
        ...['--parent-shutdown-time-s', String(closingSeconds + drainSecondsOf(place.infra))],
        ...['--drain-time-s', String(closingSeconds), '--drain-strategy', 'immediate'],
        ...['--concurrency', String(workers)],
        ...envoyLogArguments(place.infra.parameters?.logging),
      ],
      files: { [bootstrapName]: JSON.stringify(bootstrapOf(place, xdsAddress)) },
    }
  },
  async isReady(folder) {
    const [ready, started] = await Promise.all([
      ask(folder, '/ready'),
      // It is live a moment before its workers take connections.
      ask(folder, '/stats?filter=^listener_manager.workers_started$'),
    ])
    return ready?.startsWith('LIVE') === true && started?.trim().endsWith(': 1') === true
  },
  async ports(folder) {
    const text = await ask(folder, '/listeners?format=json')
    if (text === undefined) return undefined
    const { listener_statuses = [] } = JSON.parse(text) as ListenerList
    return new Set(listener_statuses.flatMap(({ local_address }) => local_address?.socket_address?.port_value ?? []))
  },
  async hasFailedToListen(folder) {
    const text = await ask(folder, '/stats?filter=^listener_manager.listener_create_failure$')
    return /: [1-9]/.test(text ?? '')
  },
  async drain(folder, infra, hasHeir) {
    if (hasHeir) return delay((closingSeconds + drainSecondsOf(infra) + heirSeconds) * 1_000)
    await ask(folder, '/drain_listeners?graceful&skip_exit', 'POST')
    await delay(closingSeconds * 1_000)
    for (const until = performance.now() + drainSecondsOf(infra) * 1_000; performance.now() < until; await delay(100)) {
      if ((await openConnections(folder)) === 0) return
    }
  },
})

/** Names its shared memory on this machine; Envoy makes ten names of one. */
function baseIdOf(line: string): string {
  const hash = createHash('sha256').update(line).digest().readUInt32BE(0)
  return String(hash % 400_000_000)
}

function bootstrapOf({ infra, address, node }: HostPlace, xdsAddress: string): object {
  const [host = '', port = ''] = xdsAddress.split(':')
  const xds = [{ host, port: Number(port) }]
  const bootstrap = createBootstrap({ fleet: infra.fleet, node, xds, adminPort: 0, listenAddress: address })
  return mergeJson(bootstrap, objectOf(infra.parameters?.bootstrapJson ?? ''))
}

interface ListenerList {
  listener_statuses?: { local_address?: { socket_address?: { port_value?: number } } }[]
}

/** Of clients; undefined: it does not say. */
async function openConnections(folder: string): Promise<number | undefined> {
  const text = await ask(folder, '/stats?type=Gauges&filter=^listener[.][0-9].*_[0-9]+[.]downstream_cx_active$')
  const counts = text?.matchAll(/: (\d+)/g)
  return counts && [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** Undefined: no answer, or not a good one. */
async function ask(folder: string, path: string, method = 'GET'): Promise<string | undefined> {
  try {
    const address = readFileSync(join(folder, adminName), 'utf8')
    const answer = await fetch(`http://${address}${path}`, { method, signal: AbortSignal.timeout(2_000) })
    return answer.ok ? await answer.text() : undefined
  } catch {
    return undefined
  }
}
