// The whole path in one process: a folder of YAML, the four services on a real NATS, a real Envoy, two backends. Nothing
// is left of it when it is disposed of.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  busServices,
  type CommittedChange,
  createNatsBus,
  type JsonObject,
  natsAccounts,
  natsUser,
} from '@penstock/bus'
import type { IrRecord } from '@penstock/ir'
import {
  type EchoBackend,
  type Envoy,
  exchange,
  freePorts,
  type HttpAnswer,
  type HttpRequest,
  type NatsServer,
  startEchoBackend,
  startEnvoy,
  startNatsServer,
  until,
} from '@penstock/testkit'
import type { Translator } from '@penstock/translator'
import { type BusView, createBusView } from './bus-view.ts'
import { replaceFile } from './config-file.ts'
import { createLogBook, type LogBook } from './log-book.ts'
import { endpointSlice, gateway, gatewayClass, type Manifest, service } from './manifests.ts'
import type { ServiceSlot } from './service-slot.ts'
import { createServices, createTranslatorSlot, fleet, type ServiceContext, type Services } from './services.ts'
import { readStatusFile, type StatusFile } from './status-file.ts'
import { startXdsTap, type XdsTap } from './xds-tap.ts'
import type { XdsMessage } from './xds-wire.ts'

/** What became of one edit, on its whole way. */
export interface Edit {
  readonly resource: CommittedChange<JsonObject>
  readonly ir: CommittedChange<IrRecord>
  /** What Envoy was sent. */
  readonly sent: readonly XdsMessage[]
}

export interface Rig extends AsyncDisposable {
  readonly folder: string
  readonly statusFolder: string
  /** Of the Gateway's listener `http`; the one behind it is free for another listener. */
  readonly port: number
  readonly backends: { readonly v1: EchoBackend; readonly v2: EchoBackend }
  readonly envoy: Envoy
  readonly tap: XdsTap
  readonly view: BusView
  readonly log: LogBook
  readonly services: Services
  /** The server that runs now, or the one that was killed. */
  readonly nats: NatsServer
  /** Starts NATS again on its port, after a kill. */
  restartNats(data: 'kept' | 'wiped'): Promise<void>
  /** A second translator, not started. */
  anotherTranslator(): ServiceSlot<Translator>
  /** Replaces a file in one step, as editors do; folders on the way are made. */
  write(file: string, ...content: readonly (Manifest | string)[]): void
  remove(file: string): void
  /** Changes the folder and waits until it is on the bus. */
  publish(change: () => void): Promise<Edit['resource']>
  /** Changes the folder and waits until every proxy acknowledged what came of it; something must. */
  edit(change: () => void): Promise<Edit>
  ask(request: Omit<HttpRequest, 'port'> & { port?: number }): Promise<HttpAnswer>
  /** The parsed status file; undefined: there is none. */
  status(file: string): StatusFile | undefined
}

const place = { install: 'features', source: 'local' }

/** Each service may do on NATS what the channels table says; its password is its name. */
const natsUsers = natsAccounts({
  install: place.install,
  sources: [place.source],
  passwords: Object.fromEntries(busServices().map((name) => [name, name])),
})

/** `files`: what the folder holds beside the class, the Gateway, and the services `v1` and `v2`. */
export async function startRig(
  files: Readonly<Record<string, readonly Manifest[]>> = {},
  { watcherSealer }: Pick<ServiceContext, 'watcherSealer'> = {},
): Promise<Rig> {
  await using stack = new AsyncDisposableStack()
  const dir = mkdtempSync(join(tmpdir(), 'penstock-features-'))
  stack.defer(() => rmSync(dir, { recursive: true, force: true }))
  const paths = { folder: join(dir, 'config'), statusFolder: join(dir, 'status') }
  const write: Rig['write'] = (file, ...content) => replaceFile(join(paths.folder, file), content)
  const [port = 0] = await freePorts(2)
  const backends = { v1: stack.use(await startEchoBackend('v1')), v2: stack.use(await startEchoBackend('v2')) }
  write('gateway.yaml', gatewayClass(), gateway({ name: 'http', port }))
  for (const { name, port: at } of Object.values(backends))
    write(`${name}.yaml`, service(name), endpointSlice(name, at))
  for (const [file, manifests] of Object.entries(files)) write(file, ...manifests)

  const natsDir = join(dir, 'nats')
  let nats = await startNatsServer({ dir: natsDir, config: natsUsers })
  stack.defer(() => nats.stop())
  const log = createLogBook()
  const connect = (name: string) => {
    const user = natsUser({ ...place, service: name })
    return createNatsBus({ ...place, service: name, user, password: name, servers: nats.url, logger: log.log })
  }
  const view = createBusView(stack.use(await connect('console')))
  const services = createServices({ ...paths, connect, log, watcherSealer })
  const { tap, envoy } = await startServices(services, stack)
  const follow = createFollowing(view, tap)
  await follow({ resource: 0, ir: 0, sent: 0 })
  await envoy.waitUntilLive()

  const keep = stack.move()
  return {
    ...{ ...paths, port, backends, envoy, tap, view, log, services, write },
    get nats() {
      return nats
    },
    async restartNats(data) {
      if (data === 'wiped') rmSync(natsDir, { recursive: true })
      nats = await startNatsServer({ dir: natsDir, port: nats.port, config: natsUsers })
    },
    remove: (file) => rmSync(join(paths.folder, file)),
    anotherTranslator: () => createTranslatorSlot({ connect, log }),
    ...createEdits(view, tap, follow),
    ask: (request) => exchange({ port, ...request }),
    status: (file) => readStatusFile(join(paths.statusFolder, file)),
    async [Symbol.asyncDispose]() {
      await keep.disposeAsync()
      expectNoViolation(log)
    },
  }
}

/** A grant that is missing is tried around by every service: it must not stay unseen. */
function expectNoViolation(log: LogBook): void {
  const [line] = log
    .find('bus fault')
    .filter(({ fields }) => String(fields['reason']).startsWith('Permissions Violation'))
  if (line) throw new Error(`a service tried on NATS what it may not: ${line.fields['reason']}`)
}

async function startServices(services: Services, stack: AsyncDisposableStack): Promise<{ tap: XdsTap; envoy: Envoy }> {
  const slots: readonly ServiceSlot<AsyncDisposable>[] = Object.values(services)
  for (const slot of slots) stack.use(slot)
  await services.xdsServer.start()
  const tap = stack.use(await startXdsTap(services.xdsServer.service.port))
  const others = slots.filter((slot) => slot !== services.xdsServer)
  const starting = startEnvoy({ xdsPort: tap.port, fleet }).then((envoy) => stack.use(envoy))
  const [envoy] = await Promise.all([starting, ...others.map((slot) => slot.start())])
  return { tap, envoy }
}

interface Position {
  resource: number
  ir: number
  sent: number
}

function createEdits(
  view: BusView,
  tap: XdsTap,
  follow: (from: Position) => Promise<Edit>,
): Pick<Rig, 'publish' | 'edit'> {
  return {
    publish(change) {
      const from = view.resource.commits.length
      change()
      return until('a commit of RESOURCE', () => view.resource.commits[from])
    },
    edit(change) {
      const from = { resource: view.resource.commits.length, ir: view.ir.commits.length, sent: tap.messages.length }
      change()
      return follow(from)
    },
  }
}

/** Waits for the first commits behind `from`, and for the proxies; rejects with the proxy's words if it refuses. */
function createFollowing(view: BusView, tap: XdsTap) {
  return async (from: Position): Promise<Edit> => {
    const resource = await until('a commit of RESOURCE', () => view.resource.commits[from.resource])
    const { id } = resource.commit
    const ir = await until(`a commit of IR that has read RESOURCE ${id}`, () =>
      view.ir.commits.slice(from.ir).find(({ commit }) => commit.inputs.some((input) => input.id >= id)),
    )
    await until(`every proxy acknowledges IR ${ir.commit.id}`, () => {
      const proxies = view.proxies()
      const [refusal] = proxies.flatMap(({ rejections }) => rejections)
      if (refusal) throw new Error(`Envoy refused ${refusal.resources.join(', ')}: ${refusal.message}`)
      return proxies.length > 0 && proxies.every((proxy) => proxy.acknowledgedCommit >= ir.commit.id)
    })
    return { resource, ir, sent: tap.messages.slice(from.sent) }
  }
}
