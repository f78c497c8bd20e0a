// The four services of the path, each in process on a bus of its own, with what production would be told.
import { type Bus, createSealer, type Sealer } from '@penstock/bus'
import { startStatusReporter } from '@penstock/status-reporter'
import { silentMeter } from '@penstock/telemetry'
import { startTranslator, type Translator } from '@penstock/translator'
import { type FolderConfig, startWatcher } from '@penstock/watcher'
import { startXdsServer, type XdsService } from '@penstock/xds-server'
import type { LogBook } from './log-book.ts'
import { createServiceSlot, type ServiceSlot, type SlotParts } from './service-slot.ts'

export interface Services {
  readonly watcher: ServiceSlot<AsyncDisposable>
  readonly translator: ServiceSlot<Translator>
  readonly xdsServer: ServiceSlot<XdsService>
  readonly statusReporter: ServiceSlot<AsyncDisposable>
}

/** The one that all Gateways share. */
export const fleet = 'local'

/** Longer than in production: a test that was not given the processor for a while is still writing its file. */
const removeQuietMs = 400

export const sealer = createSealer({ current: 'test', keys: { test: Buffer.alloc(32, 7) } })
export const folderConfig: Omit<FolderConfig, 'folder'> = {
  ...{ quietMs: 5, removeQuietMs, rescanMs: 10_000 },
  ...{ maxFileBytes: 1_000_000, maxDocuments: 1_000, maxAliases: 100, maxObjectBytes: 1_000_000 },
}

export interface ServiceContext {
  connect(name: string): Promise<Bus>
  log: LogBook
  /** The watcher's; by default the one that its readers open with. */
  watcherSealer?: Sealer | undefined
}

export function createServices(context: ServiceContext & { folder: string; statusFolder: string }): Services {
  const { connect, folder, statusFolder, log, watcherSealer = sealer } = context
  const common = { log: log.log, meter: silentMeter }
  const openXds = async ({ bus, health }: SlotParts): Promise<XdsService> => {
    const config = { xdsHost: '127.0.0.1', xdsPort, instance: 'xds-server-1' }
    const opened = await startXdsServer({ ...common, bus, health, sealer, config })
    xdsPort = opened.port
    return opened
  }
  // Free at first, then always the same: it can be started again where proxies look for it.
  let xdsPort = 0
  const reporter = {
    ...{ status: statusFolder, gatewayAddress: '127.0.0.1', noProxyMs: 60_000 },
    ...{ settleMs: 200, writesPerSecond: 100, resyncMs: 600_000 },
    controllerName: 'penstock.dev/gateway-controller',
  }
  return {
    watcher: createServiceSlot(
      () => connect('watcher'),
      (parts) => startWatcher({ ...common, ...parts, sealer: watcherSealer, config: { ...folderConfig, folder } }),
    ),
    translator: createTranslatorSlot(context),
    xdsServer: createServiceSlot(() => connect('xds-server'), openXds),
    statusReporter: createServiceSlot(
      () => connect('status-reporter'),
      async (parts) => startStatusReporter({ ...common, ...parts, config: reporter }),
    ),
  }
}

export function createTranslatorSlot({ connect, log }: ServiceContext): ServiceSlot<Translator> {
  const config = { controllerName: 'penstock.dev/gateway-controller', fleet }
  return createServiceSlot(
    () => connect('translator'),
    async (parts) => startTranslator({ ...parts, config, log: log.log, meter: silentMeter }),
  )
}
