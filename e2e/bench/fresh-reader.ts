// A process that has never run before reads all of IR, as an xds-server does first of all, and prints what it took.
// usage: node fresh-reader.ts <NATS URL>
import { channels, createNatsBus } from '@penstock/bus'
import { place } from './place.ts'

const servers = process.argv[2] ?? ''
const bus = await createNatsBus({ ...place, service: 'xds-server', servers })
const startedAt = performance.now()
const usedBefore = process.cpuUsage()
let records = 0
const follower = bus.follow(channels.ir, { onCommit: ({ changes }) => void (records += changes.length) })
await follower.whenSynced()
const { user, system } = process.cpuUsage(usedBefore)
const read = { records, ms: performance.now() - startedAt, cpuMs: (user + system) / 1_000 }
process.stdout.write(`${JSON.stringify(read)}\n`)
await bus[Symbol.asyncDispose]()
