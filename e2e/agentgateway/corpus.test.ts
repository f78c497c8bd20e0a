import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from '@jest/globals'
import { writeStandIn } from '@penstock/testkit/agentgateway'
import { unshare } from './corpus.ts'

const folder = mkdtempSync(join(tmpdir(), 'penstock-corpus-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Some machines let nobody make a network namespace. */
const isolated = spawnSync('unshare', [...unshare, 'true']).status === 0 ? it : it.skip

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function command(binary: string, ...flags: string[]): Promise<Ended> {
  // Jest's own options are not for others.
  const { NODE_OPTIONS: _, ...rest } = process.env
  const env = { ...rest, AGENTGATEWAY_BIN: binary }
  const args = [join(import.meta.dirname, 'command.ts'), ...flags]
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, args, { env })) }
  } catch (error) {
    return error as Ended
  }
}

describe('the corpus on agentgateway', () => {
  it('wants the proxy', async () => {
    for (const binary of ['', join(folder, 'nothing')]) {
      const { code, stdout, stderr } = await command(binary)
      expect({ code, stdout, lines: stderr.split('\n').length }).toEqual({ code: 1, stdout: '', lines: 2 })
      expect(stderr).toContain('AGENTGATEWAY_BIN names no program')
    }
  }, 30_000)

  isolated(
    'says what passed and what the plane lacks',
    async () => {
      const { code, stdout } = await command(writeStandIn(folder), '--only', 'http-route-cors-with')
      expect(stdout.trim().split('\n').sort()).toEqual([
        'passed      http-route-cors-with-redirect',
        'passed 1, failed 0, unsupported 1',
        'unsupported http-route-cors-without-backend',
      ])
      expect(code).toBe(0)
    },
    60_000,
  )

  isolated(
    'says what failed, and why',
    async () => {
      const { code, stdout } = await command('/bin/false', '--only', 'http-route-cors-with-redirect')
      expect(stdout).toMatch(/^failed +http-route-cors-with-redirect\n +Error: agentgateway ended/)
      expect(stdout).toContain('passed 0, failed 1, unsupported 0')
      expect(code).toBe(1)
    },
    60_000,
  )
})
