// The watcher: reads a folder of manifests, publishes RESOURCE.
import { createSealer, openBus, readSealingKeys } from '@penstock/bus'
import { run } from '@penstock/service'
import { settings } from './settings.ts'
import { startWatcher } from './start.ts'

await run({
  name: 'watcher',
  settings,
  async start(parts) {
    const sealer = createSealer(readSealingKeys(parts.config.sealingKeys))
    const bus = parts.stack.use(await openBus('watcher', parts.config, parts))
    parts.stack.use(await startWatcher({ ...parts, bus, sealer }))
  },
})
