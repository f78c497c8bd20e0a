// Lays each app out as it runs in its image: what it was built to, and the packages that it needs, nothing else.
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { environment, pnpmCommand, root } from './places.mjs'
import { runLogged } from './progress.mjs'

/** What Node reads, and what licences ask for; the rest of a package is for those who write programs. */
const kept = /\.(js|cjs|mjs|json|node|wasm)$|^(LICEN[CS]E|NOTICE|COPYING)/i
/** The state of the install; it names the folders of this machine. */
const dropped = /^(pnpm-lock\.yaml|pnpm-workspace\.yaml|lock\.yaml|\.modules\.yaml|\.pnpm-workspace-state.*)$/

/** Every app, each in the folder of its name. @param {string} target */
export async function deploy(target) {
  mkdirSync(target, { recursive: true })
  const apps = readdirSync(join(root, 'apps'))
  for (const app of apps) {
    const folder = join(resolve(target), app)
    // With packages of the workspace copied in, pnpm takes exactly what its lock file says.
    const only = ['--filter', `@penstock/${app}`, '--fail-if-no-match']
    const args = ['--config.inject-workspace-packages=true', ...only, 'deploy', '--prod', folder]
    await runLogged(pnpmCommand(), args, { cwd: root, env: environment() })
    prune(folder)
  }
  checkDeployed(target, apps)
}

/** Throws unless each is there with what starts it. @param {string} target @param {readonly string[]} apps */
export function checkDeployed(target, apps) {
  if (apps.length === 0) throw new Error(`there are no apps below ${root}`)
  const missing = apps.filter((app) => !existsSync(join(target, app, 'dist/main.js')))
  if (missing.length > 0) throw new Error(`${target} has no dist/main.js of ${missing.join(', ')}`)
}

/** @param {string} folder */
function prune(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      prune(path)
      if (readdirSync(path).length === 0) rmdirSync(path)
    } else if (entry.isFile() && (!kept.test(entry.name) || dropped.test(entry.name))) {
      rmSync(path)
    }
  }
}
