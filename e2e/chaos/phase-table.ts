// The figures of a campaign as a person reads them.
import type { Report } from './course.ts'
import type { Phase } from './journal.ts'

const head = [
  ...[
    'fault',
    'requests',
    'failed',
    'asked again',
    'streams ended',
    'slowest ms',
    'edits made',
    'last edit live after ms',
    'told after ms',
  ],
  ...['resources to Envoy', 'most gained by a survivor'],
]

export const phaseRow = (phase: Phase): string =>
  line([
    ...[phase.name, phase.requests, phase.failed, phase.askedAgain, phase.streamsEnded],
    ...[`${phase.slowestMs.toFixed(0)}, ${phase.slowest}`, phase.edits],
    ...[phase.lastLiveMs.toFixed(0), phase.lastToldMs.toFixed(0), phase.resources ?? '-', phase.growth],
  ])

export const phaseHead = (): string => [line(head), line(head.map(() => '---'))].join('\n')

export function summary({ journal, load, streams, editsMade }: Report): string {
  const perSecond = (load.asked / load.runMs) * 1_000
  const failed = journal.phases.reduce((sum, phase) => sum + phase.failed, 0)
  return [
    `${load.asked} requests in ${(load.runMs / 1_000).toFixed(1)} s (${perSecond.toFixed(1)} per second), ${failed} failed`,
    ...streams.map(
      (held) => `${held.name}: ${held.echoes} echoes, ${held.longestGapMs.toFixed(0)} ms between two at most`,
    ),
    `${editsMade} edits`,
    ...journal.troubles.map(({ kind, sentence }) => `${kind}: ${sentence}`),
  ].join('\n')
}

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
