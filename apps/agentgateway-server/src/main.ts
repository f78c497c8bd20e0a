// The agentgateway-server: follows IR, serves agentgateways, tells what they acknowledged.
import { createSealer, openBus, readSealingKeys } from '@penstock/bus'
import { run } from '@penstock/service'
import { settings } from './settings.ts'
import { startAgentgatewayServer } from './start.ts'

await run({
  name: 'agentgateway-server',
  settings,
  async start(parts) {
    const { config, stack } = parts
    const sealer = config.sealingKeys === '' ? undefined : createSealer(readSealingKeys(config.sealingKeys))
    const bus = stack.use(await openBus('agentgateway-server', config, parts))
    stack.use(await startAgentgatewayServer({ ...parts, bus, sealer }))
  },
})
