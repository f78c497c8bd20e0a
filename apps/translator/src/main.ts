// The translator: follows RESOURCE, publishes IR and STATUS.
import { openBus } from '@penstock/bus'
import { run } from '@penstock/service'
import { settings } from './settings.ts'
import { startTranslator } from './start.ts'

await run({
  name: 'translator',
  settings,
  async start(parts) {
    const bus = parts.stack.use(await openBus('translator', parts.config, parts))
    parts.stack.use(startTranslator({ ...parts, bus }))
  },
})
