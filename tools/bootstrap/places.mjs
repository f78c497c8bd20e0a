// Where set-up puts things, and the environment in which everything it installed is found first.
import { existsSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
export const penstock = join(root, '.penstock')
export const logFile = join(penstock, 'set-up.log')

const bin = join(root, 'node_modules/.bin')

/** The pnpm of the lock: a plain binary, in a package per platform. */
export function pnpmCommand() {
  return join(penstock, 'pnpm/node_modules/@pnpm', `exe.${process.platform}-${process.arch}`, 'pnpm')
}

/** The pinned Node where the registry has one for this platform, else the machine's own if it is new enough. */
export function nodeCommand() {
  const pinned = join(bin, 'node')
  if (existsSync(pinned)) return pinned
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  throw new Error(`No Node 24 is pinned for ${process.platform} ${process.arch}: install Node 24 or newer, then start.`)
}

/** The environment with Node 24, pnpm and the tools of the workspace in front. */
export function environment() {
  const path = [bin, dirname(pnpmCommand()), process.env['PATH'] ?? ''].join(delimiter)
  return { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }
}
