// The xds-server: follows IR, serves Envoys, tells what they acknowledged.
import { createSealer, openBus, readSealingKeys } from '@penstock/bus'
import { run } from '@penstock/service'
import { settings } from './settings.ts'
import { startXdsServer } from './start.ts'

await run({
  name: 'xds-server',
  settings,
  async start(parts) {
    const { config, stack } = parts
    const sealer = config.sealingKeys === '' ? undefined : createSealer(readSealingKeys(config.sealingKeys))
    const bus = stack.use(await openBus('xds-server', config, parts))
    stack.use(await startXdsServer({ ...parts, bus, sealer, sharedFrom: config.sharedFrom }))
  },
})
