// The whole system under load while one part after the other is killed, frozen and wiped, in the short form; `pnpm chaos`
// is the full one.
import { beforeAll, describe, expect, it } from '@jest/globals'
import { runCampaign } from './campaign.ts'
import type { Report } from './course.ts'
import { faultsOf, sideBySide } from './faults.ts'
import type { TroubleKind } from './journal.ts'
import { phaseHead, phaseRow, summary } from './phase-table.ts'

const perSecond = 200
const faults = faultsOf(sideBySide, { freezeMs: 2_500, pauseMs: 500 })
let report: Report

// About a minute. Where something never arrives each outage waits for it, and the report says for what.
beforeAll(async () => {
  report = await runCampaign({ faults, perSecond, editEveryMs: 300 })
  const rows = report.journal.phases.map(phaseRow)
  process.stdout.write(`${[phaseHead(), ...rows, summary(report)].join('\n')}\n`)
}, 1_200_000)

describe('chaos', () => {
  it('was under load all the time, and edits were made during outages', () => {
    const { load, streams, journal } = report
    expect(load.asked).toBeGreaterThanOrEqual(Math.floor((load.runMs / 1_000) * perSecond) - 1)
    expect(journal.phases.map(({ requests }) => requests).every((requests) => requests > 0)).toBe(true)
    for (const { echoes } of streams) expect(echoes).toBeGreaterThan((load.runMs / 1_000) * 5)
    for (const { name, edits } of journal.phases) if (name.endsWith('frozen')) expect(edits).toBeGreaterThan(3)
  })

  // The other two are of a cluster.
  const promises: Readonly<Record<Exclude<TroubleKind, 'went back' | 'stranger'>, string>> = {
    request: 'fails no request',
    stream: 'cuts no stream',
    process: 'ends no process that nobody killed',
    resent: 'sends Envoy nothing that it has',
    late: 'brings each edit that was made during an outage after it',
    status: 'leaves each status right',
    'fresh start': 'leaves the configuration that a fresh start makes, byte by byte',
  }
  it.each(Object.entries(promises))('of %s: %s', (kind) => {
    expect(report.journal.troubles.filter((trouble) => trouble.kind === kind)).toEqual([])
  })
})
