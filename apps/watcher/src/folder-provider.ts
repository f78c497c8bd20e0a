// The folder as a source of resources: what it says goes into the catalog, what is wrong with it into the log.
import type { Admission } from '@penstock/gateway-api/admission'
import type { Check } from '@penstock/service'
import type { Logger, Meter } from '@penstock/telemetry'
import { type Catalog, type CatalogChange, createCatalog } from './catalog.ts'
import { cut } from './cut.ts'
import { Folder, type FolderSettings } from './folder.ts'
import { type Manifest, type ManifestLimits, readManifest, refusedManifest } from './manifest.ts'
import type { FolderChange } from './pending-files.ts'
import type { FileLook } from './read-file.ts'

export interface FolderProviderOptions {
  folder: string
  settings: FolderSettings & ManifestLimits
  admission: Admission
  log: Logger
  meter: Meter
  check: Check
  /** The objects of these keys may be others now; no keys: some files only settled. */
  onChange(keys: ReadonlySet<string>, changedAtMs: number): void
  /** The whole folder has been told of. */
  onSeen(): void
}

export interface FolderProvider extends AsyncDisposable {
  readonly objects: Catalog['objects']
  readonly held: Catalog['held']
  readonly unclear: Catalog['unclear']
  /** What each file says, and which one counts for an object. */
  readonly files: Pick<Catalog, 'files' | 'manifest' | 'unsettled' | 'first'>
  /** Every file has said which objects it holds: an object that none names is in none. */
  readonly told: boolean
  /** Looks at everything afresh; resolves to whether the folder is there and all of it was told. */
  scan(): Promise<boolean>
}

export function createFolderProvider(options: FolderProviderOptions): FolderProvider {
  const { log, check } = options
  const catalog = createCatalog()
  const metrics = folderMetrics(options.meter)
  const folder = new Folder(options.folder, options.settings, {
    onChange(change) {
      const startMs = performance.now()
      take(catalog, change, options)
      const taken = catalog.take()
      tell(taken, log)
      metrics.observe(catalog, change, taken, performance.now() - startMs)
      options.onChange(taken.keys, change.changedAtMs)
    },
    onSeen() {
      pass()
      options.onSeen()
    },
    onFault(fault) {
      check.fail(fault.message)
      log.error('folder_unreadable', { folder: options.folder, reason: fault.message })
    },
    onRecovery() {
      log.info('folder_readable', { folder: options.folder })
      pass()
    },
    onBlind: (path, error) => log.warn('watch_failed', { path, reason: error.message }),
  })
  function pass(): void {
    if (folder.seen && !folder.fault) check.pass()
  }
  return {
    objects: catalog.objects,
    held: catalog.held,
    unclear: catalog.unclear,
    files: catalog,
    get told() {
      return folder.seen && !catalog.blind
    },
    async scan() {
      await folder.scan()
      return folder.seen
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

function take(catalog: Catalog, change: FolderChange, options: FolderProviderOptions): void {
  for (const [file, look] of change.looks) {
    if (look.state === 'vanished') catalog.vanish(file)
    else catalog.read(file, manifestOf(catalog, file, look, options))
  }
  for (const file of change.settled) catalog.settle(file)
}

function manifestOf(
  catalog: Catalog,
  file: string,
  look: Exclude<FileLook, { state: 'vanished' }>,
  { admission, settings }: FolderProviderOptions,
): Manifest {
  if (look.state === 'unreadable') return refusedManifest(look.reason)
  const lastGood = (key: string) => catalog.objects.get(key)
  return readManifest(look.text, catalog.manifest(file), { admission, limits: settings, lastGood })
}

/** The longest sentences of the rules are shorter; the values in them are cut already. */
const maxReasonLength = 600

function tell(change: CatalogChange, log: Logger): void {
  for (const { file, line, path, reason, identity } of change.refused) {
    const { kind, namespace, name } = identity ?? {}
    const told = { path: cut(path), reason: cut(reason, maxReasonLength) }
    const object = identity ? { kind, namespace: cut(namespace ?? ''), name: cut(name ?? '') } : {}
    log.warn('refused', { file, line, ...told, ...object })
  }
  for (const file of change.healed) log.info('accepted', { file })
}

function folderMetrics(meter: Meter) {
  const objects = meter.gauge('penstock_watcher_objects', 'Objects in force')
  const wrong = meter.gauge('penstock_watcher_refused_files', 'Files with a refused document')
  const files = meter.counter('penstock_watcher_file_reads_total', 'Files read because they changed')
  const duration = meter.histogram('penstock_watcher_change_ms', 'From a file read to its objects judged', {
    buckets: [0.25, 0.5, 1, 2, 5, 10, 50, 250, 1_000],
  })
  return {
    observe(catalog: Catalog, change: FolderChange, taken: CatalogChange, ms: number): void {
      objects.set(catalog.objects.size)
      wrong.set(catalog.wrong.size)
      files.add(change.looks.size)
      if (taken.keys.size > 0) duration.observe(ms)
    },
  }
}
