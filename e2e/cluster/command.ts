// The test bed by hand. Run it without arguments for its usage.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { startControlPlane } from '@penstock/testkit'
import { openCluster, runInNetwork, startCluster } from './cluster.ts'
import { images } from './images.ts'
import { isRequired, lackOfMachine } from './machine.ts'
import { removeNode } from './node.ts'

const usage = `usage: npm run cluster -- [--dir FOLDER] COMMAND

  up                      starts the cluster; says what each step took
  down                    ends it and leaves nothing
  load NAME...            loads local images: ${Object.keys(images).join(', ')}
  kubectl ARGS...
  run COMMAND...          a command of this machine in the node's network, with KUBECONFIG set
  outside COMMAND...      the same, in the network of outside clients
  logs [PROGRAM]          follows what the node's programs say`

const folder = resolve(import.meta.dirname, '../../.penstock/cluster')

async function main([command, ...args]: readonly string[], dir: string): Promise<number> {
  switch (command) {
    case 'up':
      return await up(dir)
    case 'down':
      await timed('down', () => removeNode(dir))
      return 0
    case 'load':
      for (const name of args) await loadByName(dir, name)
      return 0
    case 'kubectl':
      return await runInNetwork(await openCluster(dir), 'node', ['kubectl', ...args])
    case 'run':
      return await runInNetwork(await openCluster(dir), 'node', args)
    case 'outside':
      return await runInNetwork(await openCluster(dir), 'outside', args)
    case 'logs':
      return await followLogs(join(dir, 'log'), args[0])
    default:
      console.error(usage)
      return 2
  }
}

async function up(dir: string): Promise<number> {
  const lack = lackOfMachine()
  if (lack === undefined) {
    await timed('up', async () => {
      const startMs = performance.now()
      await startCluster(dir, (sentence) => console.log(`${seconds(startMs)} ${sentence}`), 'outlives this process')
    })
    return 0
  }
  console.error(`no node on this machine: ${lack}. Not run: pods, services, DNS, conformance.`)
  if (isRequired()) return 1
  await using plane = await startControlPlane({ controllerManager: true })
  console.log(`etcd, API server and controller-manager run until Ctrl-C: KUBECONFIG=${plane.kubeconfig}`)
  await new Promise((ended) => process.once('SIGINT', ended).once('SIGTERM', ended))
  return 0
}

async function loadByName(dir: string, name: string): Promise<void> {
  if (!(name in images)) throw new Error(`no image ${name}; there are: ${Object.keys(images).join(', ')}`)
  const cluster = await openCluster(dir)
  await timed(name, async () => await cluster.load(await images[name as keyof typeof images]()))
}

async function followLogs(log: string, program: string | undefined): Promise<number> {
  const files = program ? [`${program}.log`] : readdirSync(log)
  const tail = spawn('tail', ['--lines=20', '-F', ...files], { cwd: log, stdio: 'inherit' })
  return await new Promise((ended) => tail.once('close', (code) => ended(code ?? 0)))
}

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const startMs = performance.now()
  await work()
  console.log(`${what}: ${seconds(startMs)}`)
}

const seconds = (startMs: number): string => `${((performance.now() - startMs) / 1000).toFixed(1)} s`

const given = process.argv.slice(2)
const dir = given[0] === '--dir' ? given.splice(0, 2)[1] : undefined
process.exitCode = await main(given, resolve(dir ?? folder))
