// Packs the charts. usage: npm run charts -- [--out FOLDER] [--version VERSION]
import { statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { usersHelm } from './helm.ts'
import { packageCharts } from './package.ts'

const { values } = parseArgs({
  options: { out: { type: 'string', default: 'dist/charts' }, version: { type: 'string' } },
})

const { version } = values
const program = await usersHelm()
const options = { ...(version && { version }), ...(program && { program }) }
const archives = await packageCharts({ out: resolve(values.out), ...options }, console.error)
for (const path of archives.values()) {
  console.log(`${join(values.out, basename(path))}  ${(statSync(path).size / 1024).toFixed(0)} kB`)
}
