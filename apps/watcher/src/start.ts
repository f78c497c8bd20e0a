// The wiring: what the folder says becomes the state of the RESOURCE channel, and every change of it one announcement.
import { type Bus, channels, type JsonObject, type PublishedState, type Sealer } from '@penstock/bus'
import { type Resource, resourceKey, type Secret } from '@penstock/gateway-api'
import { createAdmission } from '@penstock/gateway-api/admission'
import type { Admin, Health } from '@penstock/service'
import type { Logger, Meter } from '@penstock/telemetry'
import { addDebugPages } from './debug-pages.ts'
import { createFolderProvider, type FolderProvider } from './folder-provider.ts'
import { withGeneration } from './generation.ts'
import { createHeldReport } from './held-report.ts'
import { createResourceState } from './resource-state.ts'
import { sealSecret } from './seal-secret.ts'
import type { FolderConfig } from './settings.ts'

export interface WatcherParts {
  bus: Bus
  sealer: Sealer
  log: Logger
  meter: Meter
  health: Pick<Health, 'check'>
  admin?: Admin
}

export interface WatcherOptions extends WatcherParts {
  config: FolderConfig
}

/** Resolves once the folder was read, or found to be away; then it is waited for. */
export async function startWatcher(options: WatcherOptions): Promise<AsyncDisposable> {
  const { bus, sealer, config } = options
  const seal = (secret: Secret) => sealSecret(secret, bus.subject(channels.resource, resourceKey(secret)), sealer)
  /** Whether this term has looked at the folder: a leader never publishes from what it knew before. */
  let fresh = false
  const provider: FolderProvider = createFolderProvider({
    ...options,
    folder: config.folder,
    settings: config,
    admission: createAdmission(),
    check: options.health.check('folder', 'the folder to be read'),
    onSeen() {
      if (provider.told) state.forget(Date.now())
      tellHeld()
      beFresh()
    },
    onChange(keys, changedAtMs) {
      const touched = new Set<string>()
      for (const key of keys) {
        for (const each of state.set(key, provider.objects.get(key), changedAtMs)) touched.add(each)
      }
      if (provider.told) for (const each of state.forget(changedAtMs)) touched.add(each)
      tellHeld()
      if (touched.size > 0) publisher.changed(touched, changedAtMs)
    },
  })
  const reportHeld = createHeldReport(options.log)
  const tellHeld = (): void => reportHeld(provider.unclear(), state.unnamed())
  const state = createResourceState({ seal, held: provider.held, versioned: withGeneration })
  const publisher = bus.publish(channels.resource, {
    state: () => (fresh ? (state as unknown as PublishedState<JsonObject>) : undefined),
    onRead(records) {
      const nowMs = Date.now()
      state.resume(records as unknown as ReadonlyMap<string, Resource>, nowMs)
      if (provider.told) state.forget(nowMs)
      tellHeld()
    },
    onLead() {
      fresh = false
      void provider.scan().then((seen) => seen && beFresh())
    },
    onFollow() {
      fresh = false
    },
  })
  function beFresh(): void {
    if (fresh || !publisher.leading) return
    fresh = true
    publisher.refresh()
  }
  if (options.admin) addDebugPages(options.admin, { bus, files: provider.files, state })
  await provider.scan()
  return {
    async [Symbol.asyncDispose]() {
      await provider[Symbol.asyncDispose]()
      await publisher[Symbol.asyncDispose]()
    },
  }
}
