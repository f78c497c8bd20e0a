// The four services in process, on one bus in memory, each with a frame of its own: what an operator asks them over HTTP
// is what a process answers. A proxy is connected, so that the server has made what it serves.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bus, createMemoryBus } from '@penstock/bus'
import { envoyTypes } from '@penstock/plane-envoy'
import { createLog, type Frame, openFrame } from '@penstock/service'
import { startStatusReporter } from '@penstock/status-reporter'
import { startTranslator } from '@penstock/translator'
import { startWatcher } from '@penstock/watcher'
import { createDeltaClient } from '@penstock/xds'
import { startXdsServer } from '@penstock/xds-server'
import { type Manifest, yamlOf } from './manifests.ts'
import { fleet, folderConfig, sealer } from './services.ts'

export const operated = ['watcher', 'translator', 'xds-server', 'status-reporter'] as const
export type Operated = (typeof operated)[number]

export interface OperatedServices extends AsyncDisposable {
  write(file: string, ...manifests: readonly Manifest[]): void
  /** GET, as JSON where it is JSON. */
  ask(service: Operated, path: string): Promise<{ status: number; body: unknown; text: string }>
  readonly broker: ReturnType<typeof createMemoryBus>
}

const place = { install: 'operated', source: 'local', settings: { leaseRetryMs: 20 } }
const debugToken = 'what an operator shows'
const controllerName = 'penstock.dev/gateway-controller'

/** `bus`, `frame`: of the service that is started. */
type Start = (service: Operated) => Promise<{ bus: Bus } & Frame>

export async function startOperated(files: Readonly<Record<string, readonly Manifest[]>>): Promise<OperatedServices> {
  await using stack = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'penstock-operated-'))
  stack.defer(() => rmSync(dir, { recursive: true, force: true }))
  const write: OperatedServices['write'] = (file, ...manifests) => writeFileSync(join(dir, file), yamlOf(...manifests))
  for (const [file, manifests] of Object.entries(files)) write(file, ...manifests)
  const broker = stack.use(createMemoryBus())
  const ports = new Map<Operated, number>()
  const debugTokenFile = join(dir, '.debug-token')
  writeFileSync(debugTokenFile, debugToken)
  const open: Start = async (service) => {
    const log = createLog(service, 'info', { write: () => {} })
    const { signal } = new AbortController()
    const frame = await openFrame({ host: '127.0.0.1', port: 0, debugTokenFile, log, signal, stack })
    ports.set(service, frame.admin.port)
    const bus = stack.use(broker.connect({ ...place, service, logger: frame.log, meter: frame.meter }))
    return { bus, ...frame }
  }
  await startAll(open, dir, stack)
  const keep = stack.move()
  return {
    broker,
    write,
    async ask(service, path) {
      const headers = { authorization: `Bearer ${debugToken}` }
      const response = await fetch(`http://127.0.0.1:${ports.get(service)}${path}`, { headers })
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.startsWith('application/json')
      return { status: response.status, text, body: isJson ? (JSON.parse(text) as unknown) : text }
    },
    [Symbol.asyncDispose]: () => keep.disposeAsync(),
  }
}

async function startAll(open: Start, dir: string, stack: AsyncDisposableStack): Promise<void> {
  const watcher = await open('watcher')
  stack.use(await startWatcher({ ...watcher, sealer, config: { ...folderConfig, folder: dir } }))
  const translator = await open('translator')
  stack.use(startTranslator({ ...translator, config: { controllerName, fleet } }))
  const server = await open('xds-server')
  const config = { xdsHost: '127.0.0.1', xdsPort: 0, instance: 'x1' }
  const { port } = stack.use(await startXdsServer({ ...server, sealer, config }))
  const reporter = await open('status-reporter')
  const reported = {
    controllerName,
    status: join(dir, '.status'),
    gatewayAddress: '127.0.0.1',
    noProxyMs: 60_000,
    settleMs: 200,
    writesPerSecond: 100,
    resyncMs: 600_000,
  }
  stack.use(startStatusReporter({ ...reporter, config: reported }))
  for (const frame of [watcher, translator, server, reporter]) frame.started.pass()
  const proxy = stack.use(createDeltaClient({ port, node: { id: 'proxy-1', cluster: fleet } }))
  for (const type of [envoyTypes.cluster, envoyTypes.listener]) proxy.subscribe(type)
}
