#!/usr/bin/env node
// `penstock`: what a person types.
import { parseArgs } from 'node:util'
import { prepare } from './prepare.ts'

const usage = `usage: penstock prepare --dir <folder> --install <name> --source <name,…> --fleet <name>
                        --xds <host:port,…> --envoy-admin <host:port>

  prepare   writes the sealing keys, and per service a NATS password and a token for its debug pages (once), the NATS
            server's configuration with what each service may do, and an Envoy bootstrap for a fleet`

function main(args: readonly string[]): number {
  const [command, ...rest] = args
  if (command !== 'prepare') {
    process.stderr.write(`${usage}\n`)
    return command === undefined || command === '--help' ? 0 : 2
  }
  const { values } = parseArgs({
    args: rest,
    options: {
      dir: { type: 'string', default: '.' },
      install: { type: 'string', default: 'local' },
      source: { type: 'string', default: 'local' },
      fleet: { type: 'string', default: 'local' },
      xds: { type: 'string', default: '127.0.0.1:19001' },
      'envoy-admin': { type: 'string', default: '127.0.0.1:19002' },
    },
  })
  const { dir, install, fleet } = values
  const written = prepare({
    dir,
    install,
    sources: values.source.split(','),
    fleet,
    xds: values.xds.split(',').map((each) => address('--xds', each)),
    envoyAdminPort: address('--envoy-admin', values['envoy-admin']).port,
  })
  for (const file of written) process.stdout.write(`wrote ${file}\n`)
  return 0
}

function address(flag: string, text: string): { host: string; port: number } {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? []
  if (host === undefined || Number(port) > 65_535) throw new Error(`${flag} takes host:port, not "${text}"`)
  return { host, port: Number(port) }
}

try {
  process.exitCode = main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
