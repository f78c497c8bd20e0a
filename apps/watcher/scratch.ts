import { createMemoryBus, channels } from '@penstock/bus'
const broker = createMemoryBus()
const bus = broker.connect({ install: 'test', source: 'local', service: 'watcher' })
const p = bus.publish(channels.resource, { state: () => ({ get: () => undefined, keys: () => [], held: new Set(), inputs: [] }) })
p.refresh(); await p.settled()
await bus[Symbol.asyncDispose]()
console.log(process.getActiveResourcesInfo())
