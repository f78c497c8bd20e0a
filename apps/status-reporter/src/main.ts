// The status-reporter: follows STATUS and FEEDBACK, writes one status file for each object.
import { openBus } from '@penstock/bus'
import { run } from '@penstock/service'
import { settings } from './settings.ts'
import { startStatusReporter } from './start.ts'

await run({
  name: 'status-reporter',
  settings,
  async start(parts) {
    const bus = parts.stack.use(await openBus('status-reporter', parts.config, parts))
    parts.stack.use(startStatusReporter({ ...parts, bus }))
  },
})
