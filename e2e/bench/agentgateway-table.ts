// What the bench of agentgateway says, as tables: whether the cost of an edit grows with the routes, and what flows while
// things change.
import { percentile } from './process-cost.ts'
import { type EditFigures, table } from './result-table.ts'
import type { SteadyFigures, Traffic } from './steady-traffic.ts'

interface Column {
  readonly head: string
  readonly digits: number
  of(figures: EditFigures): number
}

const columns: readonly Column[] = [
  { head: 'file → answer p50, ms', digits: 1, of: ({ seen }) => percentile(seen, 0.5) },
  { head: 'p99', digits: 1, of: ({ seen }) => percentile(seen, 0.99) },
  { head: 'file → acknowledged p50, ms', digits: 1, of: ({ cost }) => percentile(cost.stagesMs.acknowledgedAt, 0.5) },
  { head: 'translator CPU, ms', digits: 2, of: ({ cost }) => cost.serviceCpuMs.translator },
  { head: 'agentgateway-server CPU, ms', digits: 2, of: ({ cost }) => cost.serviceCpuMs.server },
  { head: 'keys', digits: 1, of: ({ cost }) => cost.keys },
  { head: 'messages', digits: 2, of: ({ cost }) => cost.messages },
  { head: 'resources', digits: 2, of: ({ cost }) => cost.resources },
  { head: 'bytes', digits: 0, of: ({ cost }) => cost.bytes },
]

/** Each figure with its ratio to that of the first row: 1 is flat. */
export function flatnessTable(figures: readonly EditFigures[]): string {
  const [first] = figures
  const cell = ({ of, digits }: Column, one: EditFigures): string => {
    const ratio = one === first || first === undefined ? '' : ` (× ${(of(one) / of(first)).toFixed(2)})`
    return of(one).toFixed(digits) + ratio
  }
  const rows = figures.map((one) => [one.scene, String(one.seen.length), ...columns.map((column) => cell(column, one))])
  return table(['scene', 'edits', ...columns.map(({ head }) => head)], rows)
}

export function steadyTable({ still, churning }: SteadyFigures): string {
  const row = (what: string, { edits, address, resource, cpuMs }: Traffic): string[] => {
    const sent = [address, resource].flatMap(({ messages, bytes }) => [messages.toFixed(2), bytes.toFixed(0)])
    const all = [address.messages + resource.messages, address.bytes + resource.bytes]
    const shares = [cpuMs.watcher, cpuMs.translator, cpuMs.server, cpuMs['status-reporter'], cpuMs.nats]
    return [
      what,
      edits.toFixed(2),
      ...sent,
      ...all.map((each, at) => each.toFixed(at === 0 ? 2 : 0)),
      shares.map((ms) => `${(ms / 10).toFixed(1)} %`).join(', '),
    ]
  }
  return table(
    [
      'per second',
      'edits',
      'Address: messages',
      'bytes',
      'Resource: messages',
      'bytes',
      'both: messages',
      'bytes',
      'share of a core: watcher, translator, agentgateway-server, status-reporter, NATS',
    ],
    [row('nothing changes', still), row('churn', churning)],
  )
}
