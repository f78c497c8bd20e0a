// For tests that run the service in process or ask how its pods are known, and for the reference that is made from the settings.
export { proxyLabels } from './proxy-names.ts'
export { settings } from './settings.ts'
export { type InfraManagerOptions, startInfraManager } from './start.ts'
