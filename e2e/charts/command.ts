// Judges the charts. `--help` says how.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runBed } from '../install/bed.ts'

const usage = `usage: npm run test:charts -- [options] [-- FLAG...]

  --only PART       static: what helm and an API server say of the charts, without a node
                    bed: installed on a node, under load
                    nats: there, what is done with NATS alone, and with its volume; only when asked for
  --rate N          requests a second there; default 200
  --keep            leaves the cluster: npm run cluster -- --dir .penstock/charts-cluster kubectl get pods -A
  -- NAME|FLAG...   with --only static: files of tests, and flags for jest (-- typos -t nats)`

const root = resolve(import.meta.dirname, '../..')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    rate: { type: 'string', default: '200' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean' },
  },
})

async function judgeWithoutNode(): Promise<number> {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
  // Of npm test they are no part. Behind what was asked, as each of these options takes all names that follow it.
  const places = [`--roots=${import.meta.dirname}`, '--testPathIgnorePatterns=/node_modules/']
  const jest = [join(root, 'node_modules/jest/bin/jest.js'), ...positionals, ...places]
  const [code] = (await once(
    spawn(process.execPath, [...flags, ...jest], { cwd: root, stdio: 'inherit' }),
    'close',
  )) as [number | null]
  return code ?? 1
}

const inBed = (isOfNats: boolean) => (): Promise<number> =>
  runBed({ perSecond: Number(values.rate), keep: values.keep, isOfNats })

const parts: Readonly<Record<string, () => Promise<number>>> = {
  static: judgeWithoutNode,
  bed: inBed(false),
  nats: inBed(true),
}
const always = ['static', 'bed']

async function main(): Promise<number> {
  const isUnknown = values.only !== undefined && !(values.only in parts)
  if (values.help || isUnknown || (positionals.length > 0 && values.only !== 'static')) {
    console.log(usage)
    return values.help ? 0 : 2
  }
  let failed = 0
  const wanted = Object.entries(parts).filter(([name]) =>
    values.only === undefined ? always.includes(name) : name === values.only,
  )
  for (const [name, judge] of wanted) {
    const startMs = performance.now()
    const code = await judge()
    console.log(
      `charts, ${name}: ${code === 0 ? 'ok' : 'FAILED'} in ${((performance.now() - startMs) / 1000).toFixed(0)} s`,
    )
    failed ||= code
  }
  return failed
}

process.exitCode = await main()
