// The frame of a process: settings, log, metrics, health, admin port, lifetime.
export type { Admin, DebugRequest } from './admin.ts'
export { type FrameConfig, frameSettings, type Parts, type Service } from './frame.ts'
export type { Check, CheckState, Health } from './health.ts'
export { flag, integer, list, oneOf, port, text } from './parse.ts'
export { run } from './run.ts'
export { readSettings, type Setting, type SettingsTable } from './settings.ts'
