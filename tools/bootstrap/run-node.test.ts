// What stands between the terminal and the program must not be noticed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from '@jest/globals'

/** A process that runs a script through `runNode`, as bootstrap.mjs does. */
function launch(script: string): ChildProcess {
  const runner = resolve(import.meta.dirname, 'run-node.mjs')
  const args = JSON.stringify(['--input-type=module', '-e', script])
  const text = `import { runNode } from ${JSON.stringify(runner)}; process.exitCode = await runNode(${args})`
  return spawn(process.execPath, ['--input-type=module', '-e', text], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function ending(child: ChildProcess): Promise<unknown> {
  const [code] = await once(child, 'exit')
  return code
}

describe('runNode', () => {
  it('runs Node 24', async () => {
    expect(await ending(launch('process.exit(process.versions.node.startsWith("24.") ? 0 : 1)'))).toBe(0)
  })

  it('keeps the exit code', async () => {
    expect(await ending(launch('process.exit(7)'))).toBe(7)
  })

  it('says which signal ended the program', async () => {
    expect(await ending(launch('process.kill(process.pid, "SIGKILL")'))).toBe(128 + 9)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('passes %s on once, even when it comes twice, and waits', async (signal) => {
    const child = launch(`
      let heard = 0
      process.on('${signal}', () => {
        console.log('heard')
        if (heard++ === 0) setTimeout(() => process.exit(40 + heard), 100)
      })
      setInterval(() => {}, 1000)
      console.log('up')`)
    const lines = createInterface({ input: child.stdout ?? process.stdin })
    await once(lines, 'line')
    child.kill(signal)
    await once(lines, 'line')
    child.kill(signal)
    expect(await ending(child)).toBe(41)
  })
})
