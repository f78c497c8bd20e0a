// The infra-manager: follows INFRA, runs the proxies in Kubernetes or on this machine, tells their addresses.
import { openBus } from '@penstock/bus'
import { openKube } from '@penstock/kube'
import { run } from '@penstock/service'
import { settings } from './settings.ts'
import { startInfraManager } from './start.ts'

await run({
  name: 'infra-manager',
  settings,
  async start(parts) {
    const bus = parts.stack.use(await openBus('infra-manager', parts.config, parts))
    const where =
      parts.config.provider === 'host'
        ? { host: parts.config }
        : { kube: parts.stack.use(await openKube(parts.config, { ...parts, service: 'infra-manager' })) }
    parts.stack.use(startInfraManager({ ...parts, bus, ...where }))
  },
})
