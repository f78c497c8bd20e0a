// The watcher: reads Kubernetes or a folder of manifests, publishes RESOURCE.
import { createSealer, openBus, readSealingKeys } from '@penstock/bus'
import { openKube } from '@penstock/kube'
import { run } from '@penstock/service'
import { startClusterWatcher } from './cluster-watcher.ts'
import { settings } from './settings.ts'
import { startWatcher } from './start.ts'

await run({
  name: 'watcher',
  settings,
  async start(parts) {
    const sealer = createSealer(readSealingKeys(parts.config.sealingKeys))
    const bus = parts.stack.use(await openBus('watcher', parts.config, parts))
    if (parts.config.folder !== '') {
      parts.stack.use(await startWatcher({ ...parts, bus, sealer }))
      return
    }
    const kube = parts.stack.use(await openKube(parts.config, { ...parts, service: 'watcher' }))
    parts.stack.use(startClusterWatcher({ ...parts, bus, sealer, kube }))
  },
})
