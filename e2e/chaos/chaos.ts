// Every fault in full, on the whole system under load; ends with 1 when anything failed.
// usage: pnpm chaos [-- --rate 200 --freeze 10 --pause 3 --only nats]
import { parseArgs } from 'node:util'
import { runCampaign } from './campaign.ts'
import { faultsOf, oneByOne } from './faults.ts'
import { phaseHead, phaseRow, summary } from './phase-table.ts'

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' },
    freeze: { type: 'string', default: '10' },
    pause: { type: 'string', default: '3' },
    /** Only faults whose names hold this. */
    only: { type: 'string', default: '' },
  },
})

const faults = faultsOf(oneByOne, { freezeMs: Number(values.freeze) * 1_000, pauseMs: Number(values.pause) * 1_000 })
process.stdout.write(`${phaseHead()}\n`)
const report = await runCampaign({
  faults: faults.filter(({ name }) => name.includes(values.only)),
  perSecond: Number(values.rate),
  editEveryMs: 300,
  onPhase: (phase) => process.stdout.write(`${phaseRow(phase)}\n`),
})
process.stdout.write(`${summary(report)}\n`)
if (report.journal.troubles.length > 0) process.exitCode = 1
