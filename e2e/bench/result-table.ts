// The bench's figures as a table that a person can read and paste.
import { percentile } from './process-cost.ts'

export interface EditCost {
  /** File written to RESOURCE message, ms, one for each edit. */
  publishedMs: readonly number[]
  /** RESOURCE message to Envoy's acknowledgement, ms, one for each edit. */
  acknowledgedMs: readonly number[]
  /** Per edit. */
  bytesToEnvoy: number
  resourcesToEnvoy: number
  keysRecomputed: number
  envoyCpuMs: number
  translatorCpuMs: number
  serverCpuMs: number
}

export interface Figures {
  routes: number
  /** File written to the first request that sees it, ms, one for each edit. */
  seen: readonly number[]
  cost: EditCost
  /** MiB by service. */
  memory: Readonly<Record<string, number>>
}

const head = [
  'routes',
  'write → request p50 / p99 ms',
  'write → RESOURCE p50 / p99 ms',
  'RESOURCE → ack p50 / p99 ms',
  'bytes / edit',
  'resources / edit',
  'keys / edit',
  'CPU ms / edit: Envoy, translator, server',
  'memory MiB',
]

export function row({ routes, seen, cost, memory }: Figures): string[] {
  const pair = (of: readonly number[]): string =>
    `${percentile(of, 0.5).toFixed(1)} / ${percentile(of, 0.99).toFixed(1)}`
  return [
    String(routes),
    pair(seen),
    pair(cost.publishedMs),
    pair(cost.acknowledgedMs),
    cost.bytesToEnvoy.toFixed(0),
    cost.resourcesToEnvoy.toFixed(1),
    cost.keysRecomputed.toFixed(1),
    [cost.envoyCpuMs, cost.translatorCpuMs, cost.serverCpuMs].map((ms) => ms.toFixed(1)).join(', '),
    Object.entries(memory)
      .map(([service, mib]) => `${service} ${mib.toFixed(0)}`)
      .join(', '),
  ]
}

export function table(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
