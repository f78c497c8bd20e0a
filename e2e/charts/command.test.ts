// `npm run test:charts`: what stands after `--` chooses tests, and only where there are tests to choose from.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from '@jest/globals'

const command = (...args: readonly string[]): Promise<{ stdout: string }> =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, 'command.ts'), ...args])

async function chosenBy(...args: readonly string[]): Promise<string[]> {
  const { stdout } = await command('--only', 'static', '--', '--listTests', ...args)
  return [...stdout.matchAll(/e2e\/charts\/(.+)\.test\.ts\n/g)].map(([, name = '']) => name).sort()
}

it('runs all tests, or those that are named', async () => {
  expect(await chosenBy()).toEqual(expect.arrayContaining(['documents', 'secrets/hooks', 'typos']))
  expect(await chosenBy('documents', 'e2e/charts/typos.test.ts')).toEqual(['documents', 'typos'])
})

it.each(['', '--only=bed', '--only=nats'])('takes no names for another part: %j', async (only) => {
  await expect(command(...(only ? [only] : []), '--', 'documents')).rejects.toMatchObject({ code: 2 })
})
