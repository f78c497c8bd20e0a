// The figures of a swarm as a person reads them.
import { percentile } from '../bench/process-cost.ts'
import { table } from '../bench/result-table.ts'
import type { SwarmPhase } from './swarm-journal.ts'
import type { SwarmReport } from './swarm-run.ts'

const kib = (bytes: number): string => (bytes / 1_024).toFixed(0)
const milliseconds = (all: readonly number[], share: number): string =>
  all.length === 0 ? '-' : percentile(all, share).toFixed(0)

const phaseCells = (phase: SwarmPhase): string[] => [
  ...[phase.name, (phase.lastedMs / 1_000).toFixed(1), String(phase.edits), String(phase.requests)],
  ...[String(phase.reconnects), phase.wholeMs === 0 ? '-' : (phase.wholeMs / 1_000).toFixed(1)],
  ...[kib(phase.toldBytes), kib(phase.equalBytes)],
  ...[milliseconds(phase.heldMs, 0.5), milliseconds(phase.heldMs, 0.99), phase.pauseMs.toFixed(0)],
]

const head = [
  ...['phase', 'lasted s', 'edits', 'requests', 'reconnects', 'all connected after s', 'KiB to clients'],
  ...['of that had already', 'edit → acknowledged p50 ms', 'p99 ms', 'longest pause of the test ms'],
]

export function swarmTables({ journal, load, reconnects, envoyStreams }: SwarmReport): string {
  const failed = journal.troubles.filter(({ kind }) => kind === 'request').length
  const costs = journal.costs.map(({ name, cpuMs, peakMiB }) => [name, (cpuMs / 1_000).toFixed(1), peakMiB.toFixed(0)])
  return [
    table(head, journal.phases.map(phaseCells)),
    '',
    table(['server, all its lives', 'CPU s', 'most memory MiB'], costs),
    '',
    `${load.asked} requests in ${(load.runMs / 1_000).toFixed(1)} s, ${failed} failed; ${reconnects} reconnects of clients, ${envoyStreams} streams of Envoys`,
    ...journal.troubles.map(({ kind, sentence }) => `${kind}: ${sentence}`),
  ].join('\n')
}
