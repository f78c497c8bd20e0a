#!/usr/bin/env node
// `penstock`: what a person types.
import { parseArgs } from 'node:util'
import { issueIdentity } from './identity.ts'
import { prepare } from './prepare.ts'
import { reloadNats } from './reload-nats.ts'
import { checkSealingKeyName } from './secrets/sealing-keys.ts'
import { secrets } from './secrets/secrets.ts'

const usage = `usage: penstock prepare --dir <folder> --install <name> --source <name,…> --fleet <name> --namespace <name>
                        --xds <host:port,…> --envoy-admin <host:port> --nats-tls <folder>
       penstock secrets [--print [--dir <folder>] | --remove] --install <name> --source <name,…> --namespace <name>
                        --names <host,…> --nats-tls <folder> --no-certificates
                        --sealing-keys <name> --seal-by <name> --first-sealing-key <name> --kubeconfig <file> --timeout <seconds>
       penstock identity --fleet <namespace>~<gateway> --ca <folder> --xds <host:port,…> --out <folder>
                         --install <name> --plane envoy|agentgateway --days <number> --at <folder> --node <name>
                         --envoy-admin <host:port>

  prepare   writes the sealing keys, a NATS password and a token for the debug pages per service, the authority of the
            installation's identities and a certificate for each server of proxies and NATS, all of which stay while they are
            good; and the NATS server's configuration with what each service may do, and an Envoy bootstrap for a fleet;
            --nats-tls: NATS talks TLS alone, with tls.crt and tls.key where it will find this folder
  secrets   keeps all of this in Kubernetes: a Secret for each service, and one for NATS; makes what is missing, renews what
            is not good, and leaves the rest; --print: as YAML, to be applied by somebody else; --remove: takes them away;
            --names: more names that proxies call the servers by; --no-certificates: somebody else issues those;
            --sealing-keys: the newest has this name, and is made, to open only, where it is not there; --seal-by: the one of
            this name seals, once all who open have it; --first-sealing-key: its name, where there is none yet
  identity  writes what a proxy needs to be one of a fleet: its identity, and the bootstrap or environment to start
            it with; --at: where the proxy will find the folder, if not where it is written
  reload-nats  runs beside a NATS server, and has it take up the files of the folder whenever they changed`

/** Says line by line what it did. */
type Command = (args: string[], say: (line: string) => void) => Promise<void>

const commands: Readonly<Record<string, Command>> = {
  async prepare(args, say) {
    const { values } = parseArgs({
      args,
      options: {
        dir: { type: 'string', default: '.' },
        install: { type: 'string', default: 'local' },
        source: { type: 'string', default: 'local' },
        fleet: { type: 'string', default: 'local' },
        namespace: { type: 'string' },
        xds: { type: 'string', default: '127.0.0.1:19001' },
        'nats-tls': { type: 'string' },
        'envoy-admin': { type: 'string', default: '127.0.0.1:19002' },
      },
    })
    const { dir, install, fleet, namespace } = values
    const written = await prepare({
      ...{ dir, install, fleet, namespace, natsTls: values['nats-tls'] },
      sources: values.source.split(','),
      xds: addresses('--xds', values.xds),
      envoyAdminPort: address('--envoy-admin', values['envoy-admin']).port,
    })
    sayWritten(written, say)
  },

  secrets(args, say) {
    const { values } = parseArgs({
      args,
      options: {
        print: { type: 'boolean', default: false },
        remove: { type: 'boolean', default: false },
        'sealing-keys': { type: 'string', default: '' },
        'seal-by': { type: 'string', default: '' },
        'first-sealing-key': { type: 'string', default: '' },
        'no-certificates': { type: 'boolean', default: false },
        dir: { type: 'string' },
        install: { type: 'string', default: 'penstock' },
        source: { type: 'string', default: 'local' },
        namespace: { type: 'string' },
        names: { type: 'string', default: '' },
        'nats-tls': { type: 'string' },
        kubeconfig: { type: 'string', default: '' },
        timeout: { type: 'string', default: '60' },
      },
    })
    const { print, remove, dir, install, namespace, kubeconfig, names, timeout } = values
    if (print && remove) throw new Error('--print and --remove exclude one another')
    if (dir !== undefined && !print) throw new Error('--dir is for --print: without it Kubernetes holds them')
    return secrets(
      {
        ...{ dir, install, namespace, kubeconfig, natsTls: values['nats-tls'] },
        to: print ? 'print' : remove ? 'remove' : 'keep',
        certificates: !values['no-certificates'],
        sealingKeys: {
          newest: checkSealingKeyName('--sealing-keys', values['sealing-keys']),
          sealing: checkSealingKeyName('--seal-by', values['seal-by']),
          first: checkSealingKeyName('--first-sealing-key', values['first-sealing-key']),
        },
        sources: values.source.split(','),
        xds: names.split(',').flatMap((host) => (host === '' ? [] : [{ host }])),
        timeoutMs: 1_000 * wholeNumber('--timeout', timeout),
        ending: endingSignal(),
      },
      say,
    )
  },

  async identity(args, say) {
    const { values } = parseArgs({
      args,
      options: {
        plane: { type: 'string', default: 'envoy' },
        install: { type: 'string', default: 'local' },
        fleet: { type: 'string' },
        ca: { type: 'string' },
        xds: { type: 'string' },
        out: { type: 'string' },
        at: { type: 'string' },
        node: { type: 'string' },
        days: { type: 'string', default: '90' },
        'envoy-admin': { type: 'string', default: '127.0.0.1:0' },
      },
    })
    const { plane, install, at, node } = values
    if (plane !== 'envoy' && plane !== 'agentgateway') throw new Error('--plane is envoy or agentgateway')
    const days = Number(values.days)
    if (!(days > 0 && days <= 3_650)) throw new Error(`--days takes a number from 1 to 3650, not "${values.days}"`)
    const written = await issueIdentity({
      ...{ plane, install, at, node, days },
      fleet: needed('--fleet', values.fleet),
      ca: needed('--ca', values.ca),
      out: needed('--out', values.out),
      xds: addresses('--xds', needed('--xds', values.xds)),
      adminPort: address('--envoy-admin', values['envoy-admin']).port,
    })
    sayWritten(written, say)
  },

  async 'reload-nats'(args, say) {
    const { values } = parseArgs({
      args,
      options: {
        folder: { type: 'string' },
        'pid-file': { type: 'string' },
        monitor: { type: 'string', default: 'http://127.0.0.1:8222' },
      },
    })
    const place = { folder: needed('--folder', values.folder), pidFile: needed('--pid-file', values['pid-file']) }
    await reloadNats({ ...place, monitor: values.monitor, everyMs: 5_000, signal: endingSignal() }, say)
  },
}

/** The second time ends us at once. */
function endingSignal(): AbortSignal {
  const ending = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const)
    process.once(name, () => ending.abort(new Error(`ended by ${name}`)))
  return ending.signal
}

const sayWritten = (files: readonly string[], say: (line: string) => void): void =>
  files.forEach((file) => say(`wrote ${file}`))

async function main([command, ...args]: readonly string[]): Promise<number> {
  const run = command !== undefined && Object.hasOwn(commands, command) ? commands[command] : undefined
  if (!run) {
    process.stderr.write(`${usage}\n`)
    return command === undefined || command === '--help' ? 0 : 2
  }
  await run(args, (line) => void process.stdout.write(`${line}\n`))
  return 0
}

function needed(flag: string, value: string | undefined): string {
  if (value === undefined) throw new Error(`${flag} is missing`)
  return value
}

function wholeNumber(flag: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`${flag} takes a number, not "${text}"`)
  return Number(text)
}

const addresses = (flag: string, text: string): { host: string; port: number }[] =>
  text.split(',').map((each) => address(flag, each))

function address(flag: string, text: string): { host: string; port: number } {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? []
  if (host === undefined || Number(port) > 65_535) throw new Error(`${flag} takes host:port, not "${text}"`)
  return { host, port: Number(port) }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
