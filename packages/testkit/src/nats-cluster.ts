// Several real nats-servers as one cluster on loopback, so that streams can have replicas: each server can be killed,
// frozen (SIGSTOP to its `pid`) and started again on its folder and ports.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './free-ports.ts'
import { type NatsServer, startNatsServer } from './nats-server.ts'
import { until } from './until.ts'

export interface NatsCluster extends AsyncDisposable {
  /** Of all servers, also of those that are down. */
  readonly urls: readonly string[]
  /** By name: `n1`, `n2` … */
  readonly names: readonly string[]
  server(name: string): NatsServer
  /** SIGKILL; what it stored stays. */
  kill(name: string): Promise<void>
  /** Starts a killed one again on what it had stored. */
  start(name: string): Promise<void>
  /** The same, but it is no cluster's: all others are to be down. */
  startAlone(name: string): Promise<void>
  /** What is stored by one that is down is no more. */
  wipe(name: string): Promise<void>
  /** The server that leads the cluster itself, which decides about streams and consumers; undefined: none does. */
  metaLeader(): Promise<string | undefined>
  /** Resolves when a leader knows every server that is up, and each of them is healthy. */
  ready(): Promise<void>
}

interface Member {
  readonly name: string
  readonly dir: string
  readonly routePort: number
  server: NatsServer | undefined
  /** Of the client's port; the same after a restart. */
  port: number
}

function configOf({ name, routePort }: Member, members: readonly Member[]): string {
  const routes = members.map((member) => `"nats://127.0.0.1:${member.routePort}"`)
  return [
    basics(name),
    `cluster { name: test, listen: "127.0.0.1:${routePort}", routes: [${routes.join(', ')}] }`,
  ].join('\n')
}

const basics = (name: string): string => `server_name: ${name}\nhttp: "127.0.0.1:-1"`

async function startWith(member: Member, config: string): Promise<void> {
  const server = await startNatsServer({ dir: member.dir, port: member.port, config })
  Object.assign(member, { server, port: server.port })
}

async function monitored<T>(server: NatsServer, path: string): Promise<T | undefined> {
  try {
    return (await (await fetch(`${server.monitoring}${path}`)).json()) as T
  } catch {
    // It is starting, or on its way down.
    return undefined
  }
}

export async function startNatsCluster(size = 3): Promise<NatsCluster> {
  const dir = await mkdtemp(join(tmpdir(), 'penstock-nats-cluster-'))
  const members = (await freePorts(size)).map((routePort, index): Member => {
    const name = `n${index + 1}`
    return { name, dir: join(dir, name), routePort, server: undefined, port: 0 }
  })
  const cluster = clusterOf(members, dir)
  try {
    await Promise.all(members.map(({ name }) => cluster.start(name)))
    await cluster.ready()
  } catch (thrown) {
    await cluster[Symbol.asyncDispose]()
    throw thrown
  }
  return cluster
}

function clusterOf(members: readonly Member[], dir: string): NatsCluster {
  const member = (name: string): Member => {
    const found = members.find((each) => each.name === name)
    if (found === undefined) throw new Error(`no server is named ${name}`)
    return found
  }
  const up = (): NatsServer[] => members.flatMap(({ server }) => server ?? [])
  const metaLeader = async (): Promise<string | undefined> => {
    type Jsz = { meta_cluster?: { leader?: string } }
    const answers = await Promise.all(up().map((server) => monitored<Jsz>(server, '/jsz')))
    return answers.map((answer) => answer?.meta_cluster?.leader).find((leader) => leader)
  }
  return {
    get urls() {
      return members.map(({ port }) => `127.0.0.1:${port}`)
    },
    names: members.map(({ name }) => name),
    server(name) {
      const { server } = member(name)
      if (server === undefined) throw new Error(`${name} is down`)
      return server
    },
    async kill(name) {
      const killed = member(name)
      await killed.server?.kill()
      killed.server = undefined
    },
    start: (name) => startWith(member(name), configOf(member(name), members)),
    startAlone: (name) => startWith(member(name), basics(name)),
    wipe: (name) => rm(join(member(name).dir, 'store'), { recursive: true, force: true }),
    metaLeader,
    ready: () =>
      until('the cluster is ready', async () => (await metaLeader()) && (await allHealthy(up()))).then(() => {}),
    async [Symbol.asyncDispose]() {
      await Promise.all(up().map((server) => server.kill()))
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function allHealthy(servers: readonly NatsServer[]): Promise<boolean> {
  const answers = await Promise.all(servers.map((server) => monitored<{ status: string }>(server, '/healthz')))
  return answers.every((answer) => answer?.status === 'ok')
}
