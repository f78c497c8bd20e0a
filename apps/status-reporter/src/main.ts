// The status-reporter: follows STATUS and FEEDBACK, writes the status of each object to Kubernetes or to a file.
import { openBus } from '@penstock/bus'
import { openKube } from '@penstock/kube'
import { run } from '@penstock/service'
import { settings } from './settings.ts'
import { startStatusReporter } from './start.ts'

await run({
  name: 'status-reporter',
  settings,
  async start(parts) {
    const { config, stack } = parts
    const bus = stack.use(await openBus('status-reporter', config, parts))
    if (config.status !== '') {
      stack.use(startStatusReporter({ ...parts, bus }))
      return
    }
    const kube = stack.use(await openKube(config, { ...parts, service: 'status-reporter' }))
    stack.use(startStatusReporter({ ...parts, bus, kube }))
  },
})
