// Envoy: from IR to the resources that its proxies get.
export { type BootstrapOptions, createBootstrap, secretFiles } from './bootstrap.ts'
export { envoyCapabilities } from './capabilities.ts'
export { envoyPhases, envoyTypes } from './envoy-types.ts'
export { accessLogCommands } from './format-words.ts'
export { bodiesOf } from './listen-address.ts'
export { createEnvoyPlane, type EnvoyPlane, type EnvoyPlaneOptions } from './plane.ts'
export type { OpenKey } from './secrets.ts'
export { defaultSharedFrom } from './sharing.ts'
