// Every service, every operation on every channel, and what is nobody's: tried on a real server with the generated users.
// What ought to be allowed is said here a second time, in terms of the channels table and not of the grants.
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection, type PermissionViolationError } from '@nats-io/transport-node'
import type { Channel, ServiceName } from './channel.ts'
import { leaders } from './channels.ts'
import { install, type RestrictedNats, source, startRestrictedNats } from './contract/restricted-nats.ts'
import { busServices, channelRows, natsUser } from './permissions.ts'
import { createSubjectSpace } from './subject-space.ts'

interface Operation {
  /** What it is to a person. */
  readonly name: string
  readonly action: 'publish' | 'subscribe'
  subject(service: ServiceName): string
  allowed(service: ServiceName): boolean
}

const nobody = (): boolean => false
const services = busServices()
const api = '$JS.API'

let nats: RestrictedNats
beforeAll(async () => {
  nats = await startRestrictedNats()
  const manager = await jetstreamManager(nats.admin)
  for (const channel of channelRows) {
    for (const place of places) {
      const { stream, all } = createSubjectSpace(place, channel)
      await manager.streams.add({ name: stream, subjects: [all], allow_direct: true })
    }
  }
  for (const of of places) {
    await manager.streams.add({ name: `KV_${of.install}_leases`, subjects: [`$KV.${of.install}_leases.>`] })
  }
})
afterAll(async () => nats[Symbol.asyncDispose]())

/** Ours, and where we have no business. */
const places = [
  { install, source },
  { install, source: 'elsewhere' },
  { install: 'other', source },
]

const operations: Operation[] = [
  ...channelRows.flatMap((channel) => places.flatMap((place) => onChannel(channel, place))),
  ...places.flatMap((place) => onLeases(place)),
  ...onInboxes(),
  ...onEverything(),
]

function isNamed(channel: Channel<never>): boolean {
  return channel.writers === 'many' && channel.keyedByService === true
}

/** One that this service may write, if it may write any. */
function recordOf(channel: Channel<never>, all: string, service: ServiceName): string {
  return all.replace('>', isNamed(channel) ? `${service}.x` : `x.${service}`)
}

function onChannel(channel: Channel<never>, place: (typeof places)[number]): Operation[] {
  const { stream, all } = createSubjectSpace(place, channel)
  const ours = place === places[0]
  const subject = all.replace('>', 'x')
  const named = isNamed(channel)
  const { publishers, readers } = channel
  const writes = (service: ServiceName): boolean => ours && publishers.includes(service)
  // A leader reads what it leads; many writers know only their own records.
  const reads = (service: ServiceName): boolean =>
    ours && (readers.includes(service) || (channel.writers === 'one' && publishers.includes(service)))
  const creates = (service: ServiceName): boolean =>
    channel.writers === 'one' ? writes(service) : ours && service === channel.keeper
  const all_ = (allowed: Operation['allowed'], ...subjects: readonly string[]): Operation[] =>
    subjects.map((each) => ({ name: each, action: 'publish', subject: () => each, allowed }))
  return [
    { name: `${all} write`, action: 'publish', subject: (service) => recordOf(channel, all, service), allowed: writes },
    // In its own name alone.
    ...(named ? all_(nobody, subject, all.replace('>', 'stranger.x')) : []),
    { name: `${all} subscribe`, action: 'subscribe', subject: () => all, allowed: nobody },
    ...all_(
      reads,
      `${api}.CONSUMER.CREATE.${stream}.c.${all}`,
      `${api}.CONSUMER.DELETE.${stream}.c`,
      `$JS.FC.${stream}.c.1`,
    ),
    ...all_((service) => reads(service) || creates(service), `${api}.STREAM.INFO.${stream}`),
    ...all_(creates, `${api}.STREAM.CREATE.${stream}`, `${api}.STREAM.UPDATE.${stream}`),
    ...all_(
      nobody,
      ...['DELETE', 'PURGE', 'MSG.GET', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE'].map(
        (what) => `${api}.STREAM.${what}.${stream}`,
      ),
    ),
    ...all_(nobody, ...['LEADER.STEPDOWN', 'PEER.REMOVE'].map((what) => `${api}.STREAM.${what}.${stream}`)),
    ...all_(nobody, `${api}.DIRECT.GET.${stream}`, `${api}.DIRECT.GET.${stream}.${subject}`),
    ...all_(nobody, ...['NAMES', 'LIST'].map((what) => `${api}.CONSUMER.${what}.${stream}`)),
    ...all_(
      nobody,
      ...['INFO', 'MSG.NEXT', 'PAUSE', 'RESET', 'LEADER.STEPDOWN'].map((what) => `${api}.CONSUMER.${what}.${stream}.c`),
    ),
    // Without a filter in the subject the request could ask for anything.
    ...all_(nobody, `${api}.CONSUMER.CREATE.${stream}`, `${api}.CONSUMER.CREATE.${stream}.c`),
    ...all_(nobody, `${api}.CONSUMER.DURABLE.CREATE.${stream}.c`, `$JS.ACK.${stream}.c.1.1.1.1.0`),
  ]
}

function onLeases(place: (typeof places)[number]): Operation[] {
  const bucket = `${place.install}_leases`
  const ours = place.install === install
  const leads = (service: ServiceName): boolean => ours && leaders.includes(service)
  const creates = (service: ServiceName): boolean => ours && ['watcher', 'translator'].includes(service)
  const on = (what: string, allowed: Operation['allowed']): Operation => {
    const subject = `${api}.STREAM.${what}.KV_${bucket}`
    return { name: subject, action: 'publish', subject: () => subject, allowed }
  }
  return [
    ...services.map((holder): Operation => {
      const key = `$KV.${bucket}.${holder}.${place.source}`
      const allowed = (service: ServiceName): boolean => service === holder && leads(service) && place.source === source
      return { name: `lease ${key}`, action: 'publish', subject: () => key, allowed }
    }),
    ...['INFO', 'MSG.GET'].map((what) => on(what, leads)),
    ...['CREATE', 'UPDATE'].map((what) => on(what, creates)),
    ...['DELETE', 'PURGE', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE'].map((what) => on(what, nobody)),
    { name: `${bucket} subscribe`, action: 'subscribe', subject: () => `$KV.${bucket}.>`, allowed: nobody },
  ]
}

function onInboxes(): Operation[] {
  return [install, 'other'].flatMap((of) =>
    services.flatMap((owner): Operation[] => {
      const inbox = `_INBOX_${of}_${owner}`
      const own = (service: ServiceName): boolean => of === install && service === owner
      return [
        { name: `${inbox}.> subscribe`, action: 'subscribe', subject: () => `${inbox}.>`, allowed: own },
        { name: `${inbox}.x.1 publish`, action: 'publish', subject: () => `${inbox}.x.1`, allowed: nobody },
      ]
    }),
  )
}

function onEverything(): Operation[] {
  const listened = [
    '>',
    '*',
    '_INBOX.>',
    '_INBOX_*.>',
    `${install}.>`,
    '$JS.>',
    `${api}.>`,
    '$JS.EVENT.>',
    '$JS.FC.>',
    '$KV.>',
    '$SYS.>',
  ]
  const said = [
    'INFO',
    'STREAM.LIST',
    'STREAM.NAMES',
    'META.LEADER.STEPDOWN',
    'SERVER.REMOVE',
    'ACCOUNT.PURGE.$G',
    'ACCOUNT.STREAM.MOVE.$G.x',
  ]
  return [
    ...listened.map(
      (subject): Operation => ({
        name: `${subject} subscribe`,
        action: 'subscribe',
        subject: () => subject,
        allowed: nobody,
      }),
    ),
    ...[...said.map((what) => `${api}.${what}`), '$SYS.REQ.SERVER.PING', 'anything'].map(
      (subject): Operation => ({
        name: `${subject} publish`,
        action: 'publish',
        subject: () => subject,
        allowed: nobody,
      }),
    ),
  ]
}

/** The operations that the server refused, by its own word. */
async function refusals(service: ServiceName): Promise<ReadonlySet<Operation>> {
  const client = await nats.raw(service)
  const violations = collectViolations(client)
  for (const { action, subject } of operations) {
    if (action === 'publish') client.publish(subject(service))
    else client.subscribe(subject(service), { callback: () => {} })
  }
  await client.flush()
  await turn()
  return new Set(operations.filter(({ action, subject }) => violations.has(`${action} ${subject(service)}`)))
}

function collectViolations(client: NatsConnection): ReadonlySet<string> {
  const found = new Set<string>()
  void (async () => {
    for await (const status of client.status()) {
      if (status.type !== 'error') continue
      const { operation, subject } = status.error as PermissionViolationError
      found.add(`${operation === 'publish' ? 'publish' : 'subscribe'} ${subject}`)
    }
  })()
  return found
}

/** One line per operation that anybody may, or could, do: who. */
function matrix(allowed: (operation: Operation, service: ServiceName) => boolean): string[] {
  return operations.map((operation) => {
    const who = services.filter((service) => allowed(operation, service))
    return `${operation.name}: ${who.join(', ') || 'nobody'}`
  })
}

describe('the users of a server with the generated configuration', () => {
  it('may do what the channels table says, and nothing else', async () => {
    const refused = new Map<ServiceName, ReadonlySet<Operation>>()
    for (const service of services) refused.set(service, await refusals(service))
    expect(matrix((operation, service) => !refused.get(service)?.has(operation))).toEqual(
      matrix((operation, service) => operation.allowed(service)),
    )
  })

  it('have left in the streams only what they may write', async () => {
    const manager = await jetstreamManager(nats.admin)
    for (const channel of channelRows) {
      for (const place of places) {
        const { stream, all } = createSubjectSpace(place, channel)
        const { state } = await manager.streams.info(stream, { subjects_filter: '>' })
        const writers = place === places[0] ? channel.publishers : []
        const wanted = writers.map((service) => recordOf(channel, all, service))
        expect(Object.keys(state.subjects ?? {}).sort()).toEqual([...wanted].sort())
      }
    }
  })

  it.each([
    ['a user that it does not know', { user: 'stranger', pass: 'stranger' }],
    ['a wrong password', { user: natsUser({ install, service: 'watcher' }), pass: 'translator' }],
    ['no user', {}],
  ])('refuses %s', async (_, access) => {
    await expect(connect({ servers: nats.url, ...access })).rejects.toThrow(/Authorization Violation/)
  })
})
