// The flags of `npm start`.
import { resolve, sep } from 'node:path'
import { parseArgs } from 'node:util'
import { composeFiles, type StackPlane } from './stack.ts'

export const usage = `npm start -- [flags]
  --config <folder>       your own folder of YAML; without it ./playground, first a copy of examples/quickstart
  --status <folder>       where the status of each object is written; default <config>.status
  --port <number>         where the quickstart's Gateway listens (8080)
  --backend-port <number> the quickstart's backends take this port and the next (13000)
  --base-port <number>    the services talk over this port and the seven behind it (19000)
  --plane <name>          what serves the Gateways: envoy (as installed), or agentgateway (yours: AGENTGATEWAY_BIN)
  --data <folder>         what the stack keeps between starts (.penstock/local)
  --verbose               show what the services log, not only problems`

export interface StartOptions {
  /** Set when the user brings a folder. */
  ownConfig: boolean
  config: string
  status: string
  data: string
  gatewayPort: number | undefined
  backendPort: number | undefined
  basePort: number
  plane: StackPlane
  verbose: boolean
  help: boolean
}

/** Throws with one sentence on a flag that does not exist or has no usable value. Paths are taken from `cwd`. */
export function readOptions(args: readonly string[], cwd: string): StartOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: 'string' },
      status: { type: 'string' },
      port: { type: 'string' },
      'backend-port': { type: 'string' },
      'base-port': { type: 'string' },
      data: { type: 'string' },
      plane: { type: 'string', default: 'envoy' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const config = resolve(cwd, values.config ?? 'playground')
  const status = values.status === undefined ? `${config}.status` : resolve(cwd, values.status)
  if (`${status}${sep}`.startsWith(`${config}${sep}`)) {
    throw new Error(`--status ${status} lies in the folder of resources: its files would be read as resources`)
  }
  return {
    ownConfig: values.config !== undefined,
    config,
    status,
    data: resolve(cwd, values.data ?? '.penstock/local'),
    gatewayPort: port('--port', values.port),
    backendPort: port('--backend-port', values['backend-port']),
    basePort: port('--base-port', values['base-port']) ?? 19_000,
    plane: planeOf(values.plane),
    verbose: values.verbose,
    help: values.help,
  }
}

function planeOf(name: string): StackPlane {
  if (!Object.hasOwn(composeFiles, name)) {
    throw new Error(`--plane takes ${Object.keys(composeFiles).join(' or ')}, not "${name}"`)
  }
  return name as StackPlane
}

function port(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > 65_528)
    throw new Error(`${flag} takes a port number, not "${text}"`)
  return number
}
