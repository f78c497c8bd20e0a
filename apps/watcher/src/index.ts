// For the golden cases, which read documents as this service does.
export { emptyManifest, type ManifestReader, readManifest } from './manifest.ts'
export { sealSecret } from './seal-secret.ts'
