// The services of docker-compose.yml as processes of two builds on one NATS, one Envoy that knows both xds-servers, and
// what a Deployment does when its image changes: start the new one, wait until it is ready, end the old one.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts, startEnvoy } from '@penstock/testkit'
import { portVariables } from '@penstock/tools/ports'
import { type StackService, stackServices } from '@penstock/tools/stack'
import { createProcessSlot, type ProcessSlot } from '../chaos/process-slot.ts'
import { fleet } from '../features/services.ts'
import { makeNextBuild } from './next-build.ts'

export const upgraded = ['watcher', 'translator', 'xds-server', 'status-reporter'] as const
export type Upgraded = (typeof upgraded)[number]
export type Build = 'now' | 'next'

export interface TwoBuilds extends AsyncDisposable {
  readonly slots: Readonly<Record<Build, Readonly<Record<Upgraded, ProcessSlot>>>>
  /** The next build's, in place of that one, which hardly waits for readers. */
  readonly impatient: ProcessSlot
  /** All services at once, as `helm upgrade` and `helm rollback` do; a late one begins when it may, as with a slow image. */
  rollOut(to: Build, late?: { readonly service: Upgraded; readonly when: Promise<unknown> }): Promise<void>
  /** Resolves when the one is ready and the other has ended. */
  replace(service: Upgraded, from: Build, to: Build): Promise<void>
  /** Asks the admin port of a service for a page such as `/readyz`. */
  page(build: Build, service: Upgraded, path: string): Promise<string>
  /** The lines with this event in the logs of a service, all its lives, oldest first. */
  lines(build: Build | 'impatient', service: Upgraded, event: string): LogLine[]
}

export interface LogLine {
  readonly time: number
  readonly msg: string
  readonly [field: string]: unknown
}

interface Places {
  readonly config: string
  readonly statusFolder: string
  readonly data: string
}

/** As many ports as `portVariables` numbers. */
const portsOfOne = 8
/** Writers wait for readers that wait for a processor. */
const rollOutDeadlineMs = 240_000

/** Resolves when this build serves Envoy. */
export async function startTwoBuilds(places: Places): Promise<TwoBuilds> {
  await using stack = new AsyncDisposableStack()
  const logs = join(places.data, 'log')
  const next = join(places.data, 'next-build')
  makeNextBuild(next)
  const services = await servicesOf(places)
  const slotOf = (
    build: Build,
    name: string,
    called: string = build,
    more: Record<string, string> = {},
  ): ProcessSlot => {
    const service = services[build].find((each) => each.name === name)
    if (!service) throw new Error(`docker-compose.yml has no service "${name}"`)
    const command = service.command.map((word) =>
      build === 'next' && word.startsWith('apps/') ? join(next, word) : word,
    )
    const environment = { ...service.environment, PENSTOCK_INSTANCE: build, NODE_OPTIONS: '', ...more }
    return stack.use(createProcessSlot({ ...service, command, environment, name: `${name}-${called}` }, logs))
  }
  const preparing = slotOf('now', 'prepare')
  preparing.start()
  await preparing.finished()
  const nats = slotOf('now', 'nats')
  nats.start()
  await nats.waitUntilReady()
  const slotsOf = (build: Build) =>
    Object.fromEntries(upgraded.map((name) => [name, slotOf(build, name)])) as Record<Upgraded, ProcessSlot>
  const slots = { now: slotsOf('now'), next: slotsOf('next') }
  const impatient = slotOf('next', 'translator', 'impatient', { PENSTOCK_READERS_WAIT_MS: '1000' })
  for (const slot of Object.values(slots.now)) slot.start()
  await Promise.all(Object.values(slots.now).map((slot) => slot.waitUntilReady()))
  const xdsPorts = [services.now, services.next].map(xdsPortOf)
  const envoy = stack.use(await startEnvoy({ xdsPort: xdsPorts, fleet }))
  await envoy.waitUntilLive()
  const keep = stack.move()
  return {
    ...{ slots, impatient },
    replace: (name, from, to) => replace(slots[from][name], slots[to][name]),
    async rollOut(to, late) {
      const from = to === 'next' ? 'now' : 'next'
      const replaced = upgraded.map(async (name) => {
        if (name === late?.service) await late.when
        await replace(slots[from][name], slots[to][name])
      })
      await Promise.all(replaced)
    },
    async page(build, name, path) {
      const ready = services[build].find((each) => each.name === name)?.ready ?? ''
      const token = readFileSync(join(places.data, 'debug-tokens', name), 'utf8').trim()
      const answer = await fetch(new URL(path, ready), { headers: { authorization: `Bearer ${token}` } })
      return answer.text()
    },
    lines: (build, name, event) => linesOf(logs, `${name}-${build}`).filter(({ msg }) => msg === event),
    [Symbol.asyncDispose]: () => keep.disposeAsync(),
  }
}

async function replace(old: ProcessSlot, young: ProcessSlot): Promise<void> {
  young.start()
  await young.waitUntilReady(rollOutDeadlineMs)
  await old.stop()
}

async function servicesOf({ config, statusFolder, data }: Places): Promise<Record<Build, StackService[]>> {
  const [basePort = 0] = await freePorts(2 * portsOfOne)
  const services = (variables: Record<string, string>): StackService[] =>
    stackServices({ config, status: statusFolder, data, variables })
  const now = portVariables({ basePort, backendPort: 0 })
  const next = portVariables({ basePort: basePort + portsOfOne, backendPort: 0 })
  return { now: services(now), next: services({ ...next, PENSTOCK_NATS_PORT: now['PENSTOCK_NATS_PORT'] ?? '' }) }
}

const xdsPortOf = (services: readonly StackService[]): number =>
  Number(services.find(({ name }) => name === 'xds-server')?.environment['PENSTOCK_XDS_PORT'])

function linesOf(folder: string, name: string): LogLine[] {
  const files = readdirSync(folder).filter((file) => file.startsWith(`${name}-`))
  const texts = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
  const lines = texts.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text) as LogLine)
  return lines.sort((one, other) => one.time - other.time)
}
