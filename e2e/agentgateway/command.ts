// Every case of the corpus on the proxy that AGENTGATEWAY_BIN names; ends with 1 when one failed.
import { accessSync, constants } from 'node:fs'
import { availableParallelism } from 'node:os'
import { caseNames } from '@penstock/golden/cases'
import { readOptions } from '../options.ts'
import { type Outcome, runCorpus } from './corpus.ts'

const usage = `usage: AGENTGATEWAY_BIN=FILE npm run test:agentgateway -- [options]

  --only TEXT   cases whose names hold it
  --jobs N      how many at a time; default ${availableParallelism()}, one for each core`

const values = readOptions(usage, {
  only: { type: 'string', default: '' },
  jobs: { type: 'string', default: String(availableParallelism()) },
})

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function main(): Promise<number> {
  const { AGENTGATEWAY_BIN = '' } = process.env
  if (!isProgram(AGENTGATEWAY_BIN)) {
    console.error(
      'AGENTGATEWAY_BIN names no program: take agentgateway v1.4.1 from github.com/agentgateway/agentgateway/releases',
    )
    return 1
  }
  const results = await runCorpus({
    names: caseNames().filter((name) => name.includes(values.only)),
    jobs: Number(values.jobs),
    onResult({ name, outcome, complaints }) {
      console.log(`${outcome.padEnd(11)} ${name}`)
      for (const complaint of complaints) console.log(`            ${complaint}`)
    },
  })
  const count = (wanted: Outcome): number => results.filter(({ outcome }) => outcome === wanted).length
  console.log(`passed ${count('passed')}, failed ${count('failed')}, unsupported ${count('unsupported')}`)
  return count('failed') > 0 || results.length === 0 ? 1 : 0
}

process.exitCode = await main()
