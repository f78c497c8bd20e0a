// The linter as configured here: one bad example per rule that the house counts on.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'

const root = resolve(import.meta.dirname, '../..')

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n')

const examples: readonly (readonly [rule: string, text: string])[] = [
  ['no-explicit-any', 'export const a = (b: any): unknown => b'],
  ['no-floating-promises', 'export function a(): void {\n  Promise.resolve(1)\n}'],
  ['no-misused-promises', 'export const a = [1].filter(async (b) => await Promise.resolve(b > 1))'],
  ['no-unused-vars', 'const a = 1\nexport const b = 2'],
  ['no-default-export', 'export default 1'],
  ['no-non-null-assertion', 'export const a = (b: string | undefined): number => b!.length'],
  ['max-params', 'export const a = (b: 1, c: 1, d: 1, e: 1, f: 1): number => b + c + d + e + f'],
  ['max-lines', lines(401, (i) => `export const a${i} = ${i}`)],
  ['max-lines-per-function', `export function a(): void {\n${lines(60, (i) => `  console.log(${i})`)}\n}`],
  ['complexity', `export const a = (b: number): number => ${lines(20, (i) => `b === ${i} ? ${i} :`)} b`],
]

describe('lint', () => {
  let folder = ''
  let output = ''

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'penstock-lint-'))
    const strict = { compilerOptions: { strict: true, module: 'NodeNext', target: 'ES2023' } }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(strict))
    for (const [rule, text] of examples) writeFileSync(join(folder, `${rule}.ts`), `${text}\n`)
    const args = ['--config', join(root, '.oxlintrc.json'), '--type-aware', '--format', 'unix', folder]
    output = spawnSync(join(root, 'node_modules/.bin/oxlint'), args, { encoding: 'utf8' }).stdout
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(examples)('refuses what breaks %s', (rule) => {
    const found = output.split('\n').filter((line) => line.includes(`/${rule}.ts:`))
    expect(found).toEqual([expect.stringContaining(`(${rule})`)])
  })
})
