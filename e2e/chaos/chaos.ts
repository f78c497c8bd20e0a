// Every fault in full, on the whole system under load; ends with 1 when anything failed.
import { readOptions } from '../options.ts'
import { runCampaign } from './campaign.ts'
import { faultsOf, oneByOne } from './faults.ts'
import { phaseHead, phaseRow, summary } from './phase-table.ts'

const usage = `usage: npm run chaos -- [options]

  --rate N      requests a second; default 200
  --freeze N    seconds that a process is frozen; default 10
  --pause N     seconds that a killed one is away; default 3
  --only TEXT   faults whose names hold it`

const values = readOptions(usage, {
  rate: { type: 'string', default: '200' },
  freeze: { type: 'string', default: '10' },
  pause: { type: 'string', default: '3' },
  only: { type: 'string', default: '' },
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
