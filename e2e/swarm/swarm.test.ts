// Replicas of the xds-server that come and go under many proxies, in the short form; `npm run swarm` is the full one.
import { beforeAll, describe, expect, it } from '@jest/globals'
import { type TroubleKind, troubleKinds } from './swarm-journal.ts'
import { runSwarm, type SwarmReport } from './swarm-run.ts'
import { swarmTables } from './swarm-table.ts'

let report: SwarmReport

beforeAll(async () => {
  const size = { clients: 40, envoys: 1, fleets: 2 }
  const pace = { editEveryMs: 150, perSecond: 50, calmMs: 1_000, connectionAgeMs: 20_000 }
  report = await runSwarm({ ...size, ...pace })
  process.stdout.write(`${swarmTables(report)}\n`)
}, 300_000)

describe('replicas of the xds-server', () => {
  it('were left by proxies, and came back, while edits and requests went on', () => {
    const { journal, reconnects, envoyStreams } = report
    expect(journal.phases.map(({ name }) => name.split(' ')[0])).toEqual([
      'all',
      'calm',
      'SIGTERM',
      'SIGTERM',
      'SIGTERM',
      'kill',
      'calm',
    ])
    for (const phase of journal.phases.slice(1)) {
      expect(phase.edits).toBeGreaterThan(0)
      expect(phase.requests).toBeGreaterThan(0)
      expect(phase.heldMs.length).toBeGreaterThan(0)
    }
    // Every client was on one of the three when that ended.
    expect(reconnects).toBeGreaterThan(40)
    expect(envoyStreams).toBeGreaterThan(1)
  })

  const promises: Readonly<Record<TroubleKind, string>> = {
    equal: 'tell no proxy what it has',
    back: 'take no proxy back to an older edit',
    missed: 'leave out no edit',
    differs: 'leave each proxy with what a newcomer gets',
    replicas: 'have equal bytes, whatever order they started in',
    request: 'fail no request',
    process: 'end in order, within their grace',
    feedback: 'tell of every proxy wherever it went, and take back what they said when they leave',
  }
  it.each(troubleKinds.map((kind) => [promises[kind], kind] as const))('%s', (_, kind) => {
    expect(report.journal.troubles.filter((trouble) => trouble.kind === kind)).toEqual([])
  })
})
