// Builds programs for tests, each once per machine. usage: node tools/programs/build.ts [--where] [NAME...]
// Prints the folder of each; with --where it builds nothing and fails when one is missing. No name: all of them.
import { parseArgs } from 'node:util'
import { buildProgram, findProgram } from './go.ts'
import { isProgramName, programNames } from './programs.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { where: { type: 'boolean' } } })
const unknown = positionals.filter((name) => !isProgramName(name))
if (unknown.length > 0) throw new Error(`no program ${unknown.join(', ')}; there are: ${programNames.join(', ')}`)

for (const name of positionals.length > 0 ? positionals.filter(isProgramName) : programNames) {
  const folder = values.where ? findProgram(name) : await buildProgram(name, console.error)
  if (folder) console.log(folder)
  else {
    console.error(`${name} is not built: node tools/programs/build.ts ${name}`)
    process.exitCode = 1
  }
}
