export { settings } from './settings.ts'
export { type InfraManagerOptions, startInfraManager } from './start.ts'
