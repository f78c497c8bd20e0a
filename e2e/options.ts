// The options of a command of ours: `--help` prints how it is used, and a mistake says so in a line beside that.
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** Ends the process where there is nothing to run. A `--` that a package manager handed on is passed over. */
export function readOptions<const O extends ParseArgsOptionsConfig>(usage: string, options: O) {
  const args = process.argv.slice(2).filter((word) => word !== '--')
  if (args.includes('--help')) {
    console.log(usage)
    process.exit(0)
  }
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    return process.exit(2)
  }
}
