// `npm test`: the checks, then jest over everything, then one line that counts both.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './places.mjs'
import { runNode } from './run-node.mjs'

const jest = join(root, 'node_modules/jest/bin/jest.js')
const counter = join(root, 'tools/bootstrap/count-reporter.mjs')

/** @param {readonly string[]} args for jest */
export async function test(args) {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-test-'))
  try {
    const checks = await counted(folder, 'checks', ['tools/check/check.ts'])
    const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
    const tests = await counted(folder, 'tests', [
      ...flags,
      jest,
      '--reporters=default',
      `--reporters=${counter}`,
      ...args,
    ])
    const passed = checks.passed + tests.passed
    const failed = checks.failed + tests.failed
    console.log(`${passed} passed, ${failed} failed`)
    return checks.code || tests.code || (failed > 0 ? 1 : 0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Runs one part, which writes `{ passed, failed }` to the file it is given. A part that fails without a count, or with
 * nothing failed in it, counts as one failure.
 * @param {string} folder @param {string} name @param {readonly string[]} args
 */
async function counted(folder, name, args) {
  const file = join(folder, `${name}.json`)
  const code = await runNode(args, { cwd: root, env: { PENSTOCK_COUNTS: file } })
  /** @type {{ passed: number, failed: number }} */
  const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { passed: 0, failed: 0 }
  return { code, passed: counts.passed, failed: counts.failed || (code === 0 ? 0 : 1) }
}
