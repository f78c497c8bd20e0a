// `pnpm check`: types, lint, format and the rules of the house, over everything. Each says in a sentence what is wrong
// and where; all of them run, so that one look shows everything.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileFindings } from './file-rules.ts'
import { importFindings } from './import-rules.ts'
import { readSourceTree } from './source-tree.ts'

interface Step {
  readonly name: string
  /** What to print if the step fails; undefined if it passes. */
  run(): string | undefined
  readonly advice: string
}

const root = resolve(import.meta.dirname, '../..')

/** A tool of the workspace; what it printed, if it failed. */
function tool(command: string, ...args: string[]): string | undefined {
  const bin = resolve(root, 'node_modules/.bin', command)
  const done = spawnSync(bin, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 })
  if (done.status === 0) return undefined
  return `${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}`.trim()
}

function rules(): string | undefined {
  const tree = readSourceTree(root)
  const findings = [...importFindings(tree), ...fileFindings(tree)]
  if (findings.length === 0) return undefined
  return findings.map(({ file, line, sentence }) => `${file}${line ? `:${line}` : ''} ${sentence}`).join('\n')
}

const steps: readonly Step[] = [
  {
    name: 'types',
    run: () => tool('tsc', '--noEmit', '-p', 'tsconfig.check.json', '--pretty', 'false'),
    advice: 'The compiler found mistakes in the lines above.',
  },
  {
    name: 'lint',
    run: () => tool('oxlint', '--deny-warnings', '--format', 'unix'),
    advice: 'Each line above breaks the rule of .oxlintrc.json that it names.',
  },
  {
    name: 'format',
    run: () => tool('biome', 'check', '--colors=off', '--max-diagnostics=20', '.'),
    advice: 'Run `pnpm format`: it rewrites what is not formatted.',
  },
  { name: 'rules', run: rules, advice: 'Each line above breaks a rule of the house: tools/check/rules.ts.' },
]

const failed: string[] = []
for (const { name, run, advice } of steps) {
  const startMs = performance.now()
  const output = run()
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  if (output === undefined) console.log(`${name.padEnd(8)}ok  ${seconds} s`)
  else {
    failed.push(name)
    console.log(`${output}\n${name.padEnd(8)}FAILED  ${seconds} s. ${advice}`)
  }
}
console.log(failed.length === 0 ? 'check: everything holds' : `check: ${failed.join(', ')} failed`)
const counts = { passed: steps.length - failed.length, failed: failed.length }
if (process.env['PENSTOCK_COUNTS']) writeFileSync(process.env['PENSTOCK_COUNTS'], JSON.stringify(counts))
process.exitCode = failed.length === 0 ? 0 : 1
