// The bus under the users of the channels table: everything works that ought to, what is refused is said and never hangs,
// and what NATS cannot forbid does no lasting harm.
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { jetstreamManager } from '@nats-io/jetstream'
import type { Feedback, IrRecord } from '@penstock/ir'
import { until } from '@penstock/testkit'
import type { Bus } from './bus.ts'
import type { CommittedChannel, ServiceName, SharedChannel } from './channel.ts'
import { channels, leaders } from './channels.ts'
import { type RestrictedNats, startRestrictedNats } from './contract/restricted-nats.ts'
import { createSource, notes, view, write } from './contract/scene.ts'
import { busServices, channelRows } from './permissions.ts'

jest.setTimeout(60_000)

let nats: RestrictedNats
beforeEach(async () => {
  nats = await startRestrictedNats()
})
afterEach(async () => nats[Symbol.asyncDispose]())

const nothing = { get: () => undefined, keys: () => [], held: new Set<string>(), inputs: [] }
const committed = channelRows.filter((row) => row.writers === 'one')
const shared = channelRows.filter((row) => row.writers === 'many')

describe('every service', () => {
  it('may do all that its row of the table says, also once the server lost everything', async () => {
    const buses = new Map<ServiceName, Bus>()
    for (const service of busServices()) buses.set(service, await nats.bus(service, { leaseRetryMs: 50 }))
    const bus = (service: ServiceName): Bus => buses.get(service) as Bus
    const leads = leaders.map((service) => bus(service).lead({}))
    const writers = committed.flatMap((row) => row.publishers.map((each) => ({ row, writer: bus(each) })))
    for (const { row, writer } of writers) writer.publish(row, { state: () => nothing }).refresh()
    const heard = new Set<string>()
    const onChange = (some: readonly { key: string }[]): void => some.forEach(({ key }) => heard.add(key))
    const followers = [
      ...committed.flatMap((row) => row.readers.map((each) => bus(each).follow(row, { onCommit() {} }))),
      ...shared.flatMap((row) => row.readers.map((each) => bus(each).listen(row, { onChange }))),
    ]
    const announcers = channels.feedback.publishers.map((each) => bus(each).announce(channels.feedback))
    await Promise.all(followers.map((follower) => follower.whenSynced()))
    await until('all lead', () => leads.every(({ held }) => held))
    const heardAll = async (round: string): Promise<void> => {
      for (const [index, announcer] of announcers.entries()) announcer.put(`${round}/${index}`, feedback)
      await until('all is heard', () => announcers.every((_, index) => heard.has(`${round}/${index}`)))
    }
    const present = (writer: ServiceName): Set<unknown> => {
      const { readers } = bus(writer).inspect() as { readers: { live: string[] } }
      return new Set(readers.live.map((name) => name.slice(0, name.indexOf('/'))))
    }
    const allPresent = async (): Promise<void> => {
      for (const writer of ['watcher', 'translator'] as const) {
        const said = new Set<unknown>(channels.presence.publishers)
        await until('all readers are known', () => present(writer).isSupersetOf(said))
      }
    }
    await heardAll('before')
    await allPresent()
    await nats.wipe()
    await heardAll('after')
    await allPresent()
    await until('all lead again', () => leads.every(({ held }) => held))
    expect(nats.faults.filter(({ code }) => code === 'bus_refused')).toEqual([])
  })
})

const feedback: Feedback = { fleet: 'local', instance: 'x', proxies: [] }

const answers = {
  publish: (one: Bus, channel: CommittedChannel<IrRecord>) => one.publish(channel, { state: () => nothing }).refresh(),
  follow: (one: Bus, channel: CommittedChannel<IrRecord>) => one.follow(channel, { onCommit() {} }),
  announce: (one: Bus, channel: SharedChannel<Feedback>) => one.announce(channel).put('local/x', feedback),
  listen: (one: Bus, channel: SharedChannel<Feedback>) => one.listen(channel, { onChange() {} }),
}

describe('a service that tries what it may not', () => {
  it.each([
    ['follow', 'xds-server', 'resource', 'Publish to "$JS.API.CONSUMER.CREATE.in_resource_v1_local.'],
    ['publish', 'xds-server', 'ir', 'Publish to "$JS.API.STREAM.INFO.KV_in_leases"'],
    ['publish', 'watcher', 'ir', 'Publish to "$JS.API.STREAM.INFO.in_ir_v1_local"'],
    ['announce', 'console', 'feedback', 'Publish to "in.feedback.v1.local.local.x"'],
    ['listen', 'xds-server', 'feedback', 'Publish to "$JS.API.CONSUMER.CREATE.in_feedback_v1_local.'],
  ] as const)(
    '%s, as %s on %s: is told so with the subject, and can be ended',
    async (verb, service, name, subject) => {
      const one = await nats.bus(service)
      const from = nats.faults.length
      const attempt = answers[verb] as (bus: Bus, channel: unknown) => unknown
      attempt(one, channels[name])
      const said = `Permissions Violation for ${subject}`
      await until('it is said', () => nats.faults.slice(from).some(({ reason }) => String(reason).startsWith(said)))
      // What its readers say lies in a stream that nobody makes here.
      const codes = new Set(nats.faults.slice(from).map((fault) => fault.code)).difference(new Set(['stream_missing']))
      expect(codes).toEqual(new Set(['bus_refused']))
      expect(nats.counted).toContain(`${service} bus_refused`)
      await one[Symbol.asyncDispose]()
    },
  )
})

describe('what NATS stores for a service under a subject that it may not write', () => {
  /** NATS sends an answer wherever the question says: no permission is asked for that. */
  async function answerTo(subject: string): Promise<void> {
    const rogue = await nats.raw('xds-server')
    rogue.publish('$JS.API.STREAM.INFO.in_ir_v1_local', '', { reply: subject })
    await rogue.flush()
  }

  it('is no record for any follower, and is swept by the next commit', async () => {
    const source = createSource({ 'a/1': 'one' })
    const channel = { ...notes, name: 'ir' }
    const { publisher } = write(await nats.bus('translator'), source, channel)
    const reader = view(await nats.bus('xds-server'), channel)
    await reader.follower.whenSynced()
    const manager = await jetstreamManager(nats.admin)
    const subjects = async (): Promise<string[]> => {
      const { state } = await manager.streams.info('in_ir_v1_local', { subjects_filter: '>' })
      return Object.keys(state.subjects ?? {})
    }
    await answerTo('in.ir.v1.local.forged')
    await until('it is stored', async () => (await subjects()).includes('in.ir.v1.local.forged'))
    source.set('a/1', 'two')
    publisher.changed(['a/1'])
    await until('the change is applied', () => reader.texts['a/1'] === 'two')
    expect(reader.texts).toEqual({ 'a/1': 'two' })
    expect(reader.commits.flatMap(({ changes }) => changes.map(({ key }) => key))).not.toContain('forged')
  })

  it('is no request: NATS does nothing of it', async () => {
    write(await nats.bus('translator'), createSource({ 'a/1': 'one' }), { ...notes, name: 'ir' })
    const manager = await jetstreamManager(nats.admin)
    const messages = async (): Promise<number> => (await manager.streams.info('in_ir_v1_local')).state.messages
    await until('there is something to lose', () => messages().catch(() => 0))
    const purge = '$JS.API.STREAM.PURGE.in_ir_v1_local'
    await answerTo(purge)
    const rogue = await nats.raw('xds-server')
    const consumer = { name: 'c', deliver_subject: purge, filter_subject: 'in.ir.v1.local.>', ack_policy: 'none' }
    const request = JSON.stringify({ stream_name: 'in_ir_v1_local', config: consumer })
    await rogue.request('$JS.API.CONSUMER.CREATE.in_ir_v1_local.c.in.ir.v1.local.>', request)
    await rogue.flush()
    expect(await messages()).toBeGreaterThan(0)
  })

  it('ends a term, and the same service leads again once the lease expired', async () => {
    const terms: string[] = []
    const lead = (await nats.bus('translator')).lead({
      onLead: () => terms.push('lead'),
      onFollow: () => terms.push('follow'),
    })
    await until('it leads', () => lead.held)
    await answerTo('$KV.in_leases.translator.local')
    await until('it leads again', () => terms.length === 3)
    expect(terms).toEqual(['lead', 'follow', 'lead'])
  })
})
