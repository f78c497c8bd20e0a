// One route toggled every 200 ms between two backends, under requests back to back. The services run as processes, as
// `npm start` runs them; ends with 1 when an answer was no good.
import { startEchoBackend } from '@penstock/testkit'
import { endpointSlice, service, yamlOf } from '../features/manifests.ts'
import { readOptions } from '../options.ts'
import { startStack } from './propagation-stack.ts'
import { toggleHolds, toggleRoute, toggleSummary } from './route-toggle.ts'
import type { Manifest } from './scene.ts'
import { gatewayName, gatewayPort, gatewayWith, httpListener } from './scene-manifests.ts'

const usage = `usage: npm run bench:route-change -- [options]

  --seconds N   for how long; default 120`

const { seconds } = readOptions(usage, { seconds: { type: 'string', default: '120' } })

await using stack = new AsyncDisposableStack()
const manifests: Manifest[] = [['gateway.yaml', gatewayWith(httpListener)]]
for (const name of ['v1', 'v2']) {
  const { port } = stack.use(await startEchoBackend(name))
  manifests.push([`${name}.yaml`, yamlOf(service(name), endpointSlice(name, port))])
}
const scene = { name: 'route-change', what: 'one route', manifests: () => manifests, edits: [] }
const running = stack.use(await startStack(scene))
const report = await toggleRoute({
  gateway: gatewayName,
  port: gatewayPort,
  seconds: Number(seconds),
  write: (route) => void running.write(['route.yaml', yamlOf(route)]),
})
console.log(toggleSummary(report))
if (!toggleHolds(report)) process.exitCode = 1
