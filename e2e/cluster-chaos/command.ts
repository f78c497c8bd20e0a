// Outages of our services and of the API server in a real cluster under load; ends with 1 when anything failed.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { phaseHead, phaseRow, summary } from '../chaos/phase-table.ts'
import { openCluster, runInNetwork, startCluster } from '../cluster/cluster.ts'
import { isRequired, lackOfMachine } from '../cluster/machine.ts'
import { removeNode } from '../cluster/node.ts'
import { installPenstock } from '../conformance/install.ts'
import { runCampaign } from './campaign.ts'
import { inShort, oneByOne, sideBySide } from './faults.ts'

const usage = `usage: npm run chaos:cluster -- [options]

  --short         what the gate has time for: all leaders at one time, fewer and shorter outages
  --only TEXT     outages whose names hold it; may be repeated
  --rate N        requests a second; default 200
  --freeze N      seconds that services are frozen; default 10, short 2.5
  --away N        seconds that the API server is away; default 60, short 8
  --keep          leaves the cluster: npm run cluster -- --dir .penstock/chaos-cluster kubectl get pods -A`

const folder = resolve(import.meta.dirname, '../../.penstock/chaos-cluster')

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    rate: { type: 'string', default: '200' },
    freeze: { type: 'string' },
    away: { type: 'string' },
    keep: { type: 'boolean' },
    /** The cluster is there, and this process is where its clients are. */
    inside: { type: 'boolean' },
    help: { type: 'boolean' },
  },
})

async function main(): Promise<number> {
  if (values.help) {
    console.log(usage)
    return 0
  }
  if (values.inside) return await runInside()
  const lack = lackOfMachine()
  if (lack !== undefined) {
    console.error(`no Kubernetes node on this machine: ${lack}. Not run: chaos in a cluster.`)
    return isRequired() ? 1 : 0
  }
  await removeNode(folder)
  const cluster = await startCluster(folder, say, values.keep ? 'outlives this process' : 'ends with this process')
  try {
    await installPenstock(cluster, say, 2)
    const again = [process.execPath, import.meta.filename, ...process.argv.slice(2), '--inside']
    return await runInNetwork(cluster, 'outside', again)
  } finally {
    if (!values.keep) await cluster.stop()
  }
}

async function runInside(): Promise<number> {
  const cluster = await openCluster(folder)
  const seconds = (given: string | undefined, full: number, short: number): number =>
    1_000 * Number(given ?? (values.short ? short : full))
  console.log(phaseHead())
  const report = await runCampaign(cluster, {
    ...{ victims: values.short ? sideBySide : oneByOne, only: values.only ?? (values.short ? inShort : ['']) },
    ...{ perSecond: Number(values.rate), editEveryMs: 300 },
    ...{ freezeMs: seconds(values.freeze, 10, 2.5), awayMs: seconds(values.away, 60, 8) },
    rounds: values.short ? 1 : 5,
    onPhase: (phase) => console.log(phaseRow(phase)),
    say: console.log,
  })
  console.log(summary(report))
  return report.journal.troubles.length > 0 ? 1 : 0
}

const startMs = performance.now()

function say(sentence: string): void {
  console.log(`${((performance.now() - startMs) / 1000).toFixed(1).padStart(6)} s  ${sentence}`)
}

process.exitCode = await main()
