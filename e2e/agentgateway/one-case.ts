// One case of the corpus on the proxy that AGENTGATEWAY_BIN names, in a network namespace of its own: its name is the only
// argument, and what came out is a line of JSON. `command.ts` starts it for each case.

import { loadCase } from '@penstock/golden/cases'
import { createPipeline, fleetOfPlane } from '@penstock/golden/pipeline'
import { startSurroundings } from '@penstock/golden/surroundings'
import { agentgatewayPhases, readRefusal } from '@penstock/plane-agentgateway'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { replay, until } from '@penstock/testkit'
import { startAgentgatewayProcess } from '@penstock/testkit/agentgateway'
import { createXdsServer } from '@penstock/xds'

const plane = 'agentgateway'
const fleet = fleetOfPlane(plane)

async function run(name: string): Promise<string[]> {
  await using stack = new AsyncDisposableStack()
  const { resources, requests, managed } = loadCase(name)
  const around = await startSurroundings(stack)
  const server = stack.use(
    await createXdsServer({
      ...{ host: '127.0.0.1', port: 0, order: agentgatewayPhases, refusedIn: readRefusal },
      ...{ logger: silentLogger, meter: silentMeter, events: { onFleet: () => {}, onProxies: () => {} } },
      fleetOf: () => fleet,
    }),
  )
  const pipeline = createPipeline(plane, { managed })
  server.update(fleet, 1, pipeline.apply([...resources].map(([key, value]) => ({ key, value }))))
  const binary = process.env['AGENTGATEWAY_BIN'] ?? ''
  stack.use(await startAgentgatewayProcess({ binary, xdsPort: server.port, namespace: 'default', gateway: 'golden' }))
  const proxy = await until('the case is acknowledged', () =>
    server.proxies(fleet).find((one) => one.acknowledgedCommit >= 1 || one.rejections.length > 0),
  )
  const complaints = proxy.rejections.map(({ resources: [at = ''], message }) => `refused ${at}: ${message}`)
  for (const golden of requests)
    for (const complaint of await replay(golden, { plane, ...around }))
      complaints.push(`${JSON.stringify(golden.request)}: ${complaint}`)
  return complaints
}

const complaints = await run(process.argv[2] ?? '').catch((error: unknown) => [String(error)])
process.stdout.write(`${JSON.stringify(complaints)}\n`, () => process.exit(0))
