// For tests that run the service in process, and for the golden cases, which read documents as this service does.
export { emptyManifest, type ManifestReader, readManifest } from './manifest.ts'
export { sealSecret } from './seal-secret.ts'
export { type FolderConfig, folderSettings, settings } from './settings.ts'
export { startWatcher, type WatcherOptions } from './start.ts'
