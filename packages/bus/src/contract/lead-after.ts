// Contract: who acts on what it reads leads with all of it read, and leaves the lease to a peer when it cannot.
import { describe, expect, it } from '@jest/globals'
import { until } from '@penstock/testkit'
import type { Bus, Lead } from '../bus.ts'
import type { Inspection } from '../inspection.ts'
import { damagedTails, dyingAfter, slowTails } from './broken-transport.ts'
import type { ClientOptions, Rig } from './rig.ts'
import { createSource, notes, rawStream, textsOf, type View, view, type Write, write } from './scene.ts'
import { newer } from './versions.ts'

export function leadAfterContract(rig: () => Rig): void {
  describe('one that leads with what it read', () => leadsWithAll(rig))
  describe('one that cannot read what it leads with', () => leavesTheLease(rig))
  describe('streams that are gone, or not whole', () => brokenStreams(rig))
}

interface Actor {
  readonly bus: Bus
  readonly lead: Lead
  readonly view: View
  /** What it knew each time when it began to lead. */
  readonly began: Readonly<Record<string, string>>[]
  readonly leadership: Inspection
}

/** Follows the channel, and acts on it while it leads. */
async function act(rig: Rig, options: ClientOptions = {}, channel = notes): Promise<Actor> {
  const bus = await rig.connect({ service: 'reader', ...options })
  const seen = view(bus, channel)
  const began: Record<string, string>[] = []
  const lead = bus.lead({ after: [channel], onLead: () => began.push({ ...seen.texts }) })
  return {
    ...{ bus, lead, began, view: seen },
    get leadership() {
      return (bus.inspect() as { leadership: Inspection }).leadership
    },
  }
}

async function acting(rig: Rig, options?: ClientOptions, channel?: typeof notes): Promise<Actor> {
  const actor = await act(rig, options, channel)
  await until('it leads', () => actor.lead.held)
  return actor
}

const standingBy = async (rig: Rig, options?: ClientOptions, channel?: typeof notes): Promise<Actor> => {
  const actor = await act(rig, options, channel)
  await actor.view.follower.whenSynced()
  return actor
}

async function change(rig: Rig): Promise<{ set(text: string): Promise<number>; bus: Bus } & Write> {
  const bus = await rig.connect()
  const source = createSource({ 'a/1': 'old', 'b/1': 'same' })
  const written = write(bus, source)
  await written.publisher.settled()
  return {
    ...{ bus, ...written },
    set(text) {
      source.set('a/1', text)
      written.publisher.changed(['a/1'])
      return written.publisher.settled()
    },
  }
}

function leadsWithAll(rig: () => Rig): void {
  it('waits, with the lease, until it has applied what its predecessor had', async () => {
    const writer = await change(rig())
    const first = await acting(rig())
    const slow = slowTails()
    const second = await standingBy(rig(), { wrap: slow.from(0), settings: { leaseTtlMs: 60_000 } })
    slow.begin()
    await writer.set('new')
    await until('its predecessor has it', () => first.view.texts['a/1'] === 'new')
    await first.bus[Symbol.asyncDispose]()
    await until('it has the lease, and waits', () => second.leadership['leading'] && second.leadership['waitsFor'])
    expect(second.leadership['waitsFor']).toBe('notes to be read as far as its writer is')
    expect([second.lead.held, second.lead.term, second.began]).toEqual([false, undefined, []])
    slow.end()
    await until('it leads', () => second.lead.held)
    expect(second.began).toEqual([{ 'a/1': 'new', 'b/1': 'same' }])
    expect(second.leadership).toMatchObject({ leading: true, waitsFor: undefined })
  })

  it('leads while the channel is written without rest', async () => {
    const writer = await change(rig())
    let resting = false
    const written = (async () => {
      for (let round = 0; !resting; round += 1) await writer.set(`${round}`)
    })()
    const first = await acting(rig())
    const second = await standingBy(rig())
    await first.bus[Symbol.asyncDispose]()
    await until('the second leads', () => second.lead.held)
    resting = true
    await written
    expect(second.began).toHaveLength(1)
  })

  it('leads at once with the first commit that there ever is', async () => {
    const actor = await act(rig())
    expect(actor.leadership).toMatchObject({ leading: false, waitsFor: 'notes: it is not read yet' })
    await change(rig())
    await until('it leads', () => actor.lead.held)
    expect(actor.began).toEqual([{ 'a/1': 'old', 'b/1': 'same' }])
  })

  it('shuts what it opened, and opens nothing else', async () => {
    await change(rig())
    const told: string[] = []
    const bus = await rig().connect({ service: 'reader', settings: { leaseRenewMs: 60_000 } })
    view(bus)
    bus.lead({ after: [notes], onLead: () => told.push('lead'), onFollow: () => told.push('follow') })
    await until('it leads', () => told.includes('lead'))
    await until('it could not renew', () => told.includes('follow'))
    expect(told).toEqual(['lead', 'follow'])
  })
}

function leavesTheLease(rig: () => Rig): void {
  it('because it stays behind: a peer that has read all takes it', async () => {
    const writer = await change(rig())
    const first = await acting(rig())
    const slow = slowTails()
    const behind = await standingBy(rig(), { wrap: slow.from(0) })
    slow.begin()
    await writer.set('new')
    await until('the first has it', () => first.view.texts['a/1'] === 'new')
    await first.bus[Symbol.asyncDispose]()
    await until('it gives the lease up', () => behind.leadership['lastTerm'] !== undefined)
    const reason = 'notes to be read as far as its writer is'
    expect(behind.leadership).toMatchObject({ reason, waitsFor: reason })
    const peer = await acting(rig())
    expect(peer.began).toEqual([{ 'a/1': 'new', 'b/1': 'same' }])
    slow.end()
    await until('it has caught up', () => behind.view.texts['a/1'] === 'new')
    await peer.bus[Symbol.asyncDispose]()
    await until('it may lead again', () => behind.lead.held)
    expect(behind.began).toEqual([{ 'a/1': 'new', 'b/1': 'same' }])
  })

  it('because its newest commit is of a schema that it does not know', async () => {
    const writer = await change(rig())
    const older = await acting(rig())
    const peer = await standingBy(rig(), {}, newer)
    await writer.bus[Symbol.asyncDispose]()
    await write(await rig().connect(), createSource({ 'a/1': 'what?' }), newer).publisher.settled()
    await until('the peer leads', () => peer.lead.held)
    expect(peer.began).toEqual([{ 'a/1': 'what?' }])
    const reason = 'notes: schema 2 is newer than 1'
    expect([older.lead.held, older.leadership]).toEqual([false, expect.objectContaining({ reason, waitsFor: reason })])
    await peer.bus[Symbol.asyncDispose]()
    const next = await acting(rig(), {}, newer)
    expect([next.began, older.began]).toEqual([[{ 'a/1': 'what?' }], [{ 'a/1': 'old', 'b/1': 'same' }]])
  })

  it('because it cannot read a record', async () => {
    const writer = await change(rig())
    const decode = (data: Uint8Array, key: string) => {
      const value = notes.codec.decode(data, key)
      if (value.text === 'odd') throw new Error('an odd one')
      return value
    }
    const blind = await acting(rig(), {}, { ...notes, codec: { ...notes.codec, decode } })
    const peer = await standingBy(rig())
    await writer.set('odd')
    await until('the peer leads', () => peer.lead.held)
    expect(blind.leadership).toMatchObject({ leading: false, reason: 'notes: a/1: an odd one' })
    await writer.set('even')
    await until('it may lead again', () => blind.leadership['waitsFor'] === undefined)
    await peer.bus[Symbol.asyncDispose]()
    await until('it leads again', () => blind.lead.held)
    expect(blind.began.at(-1)).toEqual({ 'a/1': 'even', 'b/1': 'same' })
  })

  it('because what it is told does not match: its peer, which is told the truth, leads', async () => {
    const writer = await change(rig())
    let damage = false
    const misled = await acting(rig(), { wrap: damagedTails(() => damage), settings: { heartbeatMs: 200 } })
    damage = true
    await rig().restart()
    const peer = await act(rig())
    await writer.set('new')
    await until('the peer leads', () => peer.lead.held)
    expect(peer.began.at(-1)).toEqual({ 'a/1': 'new', 'b/1': 'same' })
    await until('it says why it does not', () => misled.leadership['waitsFor'])
    expect([misled.lead.held, misled.view.texts['a/1']]).toEqual([false, 'old'])
  })
}

function brokenStreams(rig: () => Rig): void {
  it('that were wiped: it leads again with what their writer brings back', async () => {
    const writer = await change(rig())
    const actor = await acting(rig())
    await rig().wipe()
    await writer.set('after')
    await until('it leads again', () => actor.began.length === 2 && actor.lead.held)
    expect(actor.began[1]?.['b/1']).toBe('same')
    await until('it has the new state', () => actor.view.texts['a/1'] === 'after')
  })

  it('that were wiped: it does not lead with what it knew, as long as nobody brings them back', async () => {
    const writer = await change(rig())
    const actor = await acting(rig())
    await writer.bus[Symbol.asyncDispose]()
    await rig().wipe()
    await until('it gives the lease up', () => `${actor.leadership['reason']}`.includes('the stream of notes'))
    expect([actor.lead.held, actor.began.length]).toEqual([false, 1])
    await change(rig())
    await until('it leads again', () => actor.lead.held)
    expect(actor.began[1]).toEqual({ 'a/1': 'old', 'b/1': 'same' })
  })

  it('whose writer died in the middle of a round: it leads with the state before, which is what there is', async () => {
    const source = createSource()
    for (let object = 0; object < 1_500; object += 1) source.set(`o-${object}/1`, 'old')
    const first = await rig().connect()
    await write(first, source).publisher.settled()
    await first[Symbol.asyncDispose]()
    const before = textsOf(source)
    const actor = await acting(rig())
    const standby = await standingBy(rig())
    for (const key of source.records.keys()) source.set(key, 'new')
    const dying = dyingAfter(2)
    write(await rig().connect({ wrap: dying.wrap }), source)
    await until('the writer is dead', () => dying.dead)
    const { door } = await rawStream(rig())
    expect((await door.info())?.lastSequence).toBeGreaterThan(2_500)
    await actor.bus[Symbol.asyncDispose]()
    await until('the standby leads', () => standby.lead.held)
    expect(standby.began).toEqual([before])
  })
}
