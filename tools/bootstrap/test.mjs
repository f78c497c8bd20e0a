// `npm test`: the checks, then jest over everything, then one line that counts both.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './places.mjs'
import { runNode } from './run-node.mjs'

const jest = join(root, 'node_modules/jest/bin/jest.js')
/** How long a part may take to end after its last test. */
const endingMs = 15_000
const counter = join(root, 'tools/bootstrap/count-reporter.mjs')

/** @param {readonly string[]} args for jest */
export async function test(args) {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-test-'))
  try {
    const checks = await counted(folder, 'checks', ['tools/check/check.ts'])
    const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
    // Jest takes every word behind the last flag for one more reporter, so ours come after what was asked for.
    const reporters = ['--reporters=default', `--reporters=${counter}`]
    const tests = await counted(folder, 'tests', [...flags, jest, ...args, ...reporters])
    const passed = checks.passed + tests.passed
    const failed = checks.failed + tests.failed
    console.log(`${passed} passed, ${failed} failed`)
    return checks.code || tests.code || (failed > 0 ? 1 : 0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Runs one part, which writes `{ passed, failed }` to the file it is given when it is through. A part that fails without
 * a count, or with nothing failed in it, counts as one failure; so does one that does not end by itself.
 * @param {string} folder @param {string} name @param {readonly string[]} args
 */
async function counted(folder, name, args) {
  const file = join(folder, `${name}.json`)
  const kill = new AbortController()
  let doneMs = Infinity
  const watch = setInterval(() => {
    if (doneMs === Infinity && existsSync(file)) doneMs = performance.now()
    if (performance.now() - doneMs < endingMs || kill.signal.aborted) return
    console.log(`The ${name} are through but left something open, so they were ended. --detectOpenHandles says what.`)
    kill.abort()
  }, 500)
  const code = await runNode(args, { cwd: root, env: { PENSTOCK_COUNTS: file }, kill: kill.signal })
  clearInterval(watch)
  /** @type {{ passed: number, failed: number }} */
  const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { passed: 0, failed: 0 }
  return { code, passed: counts.passed, failed: counts.failed || (code === 0 ? 0 : 1) }
}
