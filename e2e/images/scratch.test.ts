import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from '@jest/globals'
import { withScratch } from './scratch.ts'

const kind = `scratch-test-${process.pid}`
const made: string[] = []
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** As one that this process left. */
function left(maker: number | string): string {
  const folder = mkdtempSync(join(tmpdir(), `penstock-${kind}-${maker}-`))
  made.push(folder)
  mkdirSync(join(folder, 'store'))
  writeFileSync(join(folder, 'store/layer'), 'x')
  return folder
}

it('is empty, and gone after the work, also when that failed', async () => {
  const failing = withScratch(kind, async (folder) => {
    made.push(folder)
    writeFileSync(join(folder, 'file'), '')
    throw new Error('it failed')
  })
  await expect(failing).rejects.toThrow('it failed')
  expect(made.map((folder) => existsSync(folder))).toEqual([false])
})

it('removes what a killed process left, and nothing of one that lives or is not ours', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', 'process.kill(process.pid, 9)'])
  const [dead, living, other] = [left(pid), left(process.pid), left('other')]
  const there = await withScratch(kind, async () => [dead, living, other].map((folder) => existsSync(folder)))
  expect(there).toEqual([false, true, true])
})
