// What the bench counts, at a size for every day: a change costs what was changed, and nothing costs nothing. Times are
// for `pnpm bench:bus`.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { channels } from '@penstock/bus'
import type { IrRecord } from '@penstock/ir'
import { type BusScene, startBusScene } from './bus-scene.ts'
import { difference, type Published, publishedOn } from './tally.ts'

jest.setTimeout(60_000)

const routes = 300
let scene: BusScene

beforeAll(async () => {
  scene = await startBusScene(routes)
})

afterAll(async () => scene[Symbol.asyncDispose]())

/** What the translator publishes while `action` runs. */
async function published(channel: string, action: () => Promise<void>): Promise<Published> {
  const before = publishedOn(scene.tally, channel)
  await action()
  return difference(before, publishedOn(scene.tally, channel))
}

describe(`with ${routes} routes on NATS`, () => {
  it('a fresh reader gets all of IR as one whole state', async () => {
    const bus = await scene.connect('xds-server')
    const changes: number[] = []
    const records = new Map<string, IrRecord | undefined>()
    const follower = bus.follow(channels.ir, {
      onCommit(change) {
        changes.push(change.changes.length)
        for (const { key, value } of change.changes) records.set(key.split('/')[0] ?? '', value)
      },
    })
    await follower.whenSynced()
    // A rule, a backend and endpoints for each route; a fleet, a gateway and a listener.
    expect(changes).toEqual([3 * routes + 3])
    expect([...records.keys()].sort()).toEqual(['backend', 'endpoints', 'fleet', 'gateway', 'http_rule', 'listener'])
    await bus[Symbol.asyncDispose]()
  })

  it('one edit is one commit of one record on each channel', async () => {
    const before = await scene.sequences()
    const status = publishedOn(scene.tally, 'status')
    const edit = await published('ir', () => scene.edit(7))
    expect(edit).toEqual({ commits: 1, records: 1, bytes: expect.any(Number) })
    expect(edit.bytes).toBeLessThan(1_000)
    expect(difference(status, publishedOn(scene.tally, 'status'))).toMatchObject({ commits: 1, records: 1 })
    // The commit record of a lone record travels with it.
    const after = await scene.sequences()
    for (const channel of ['resource', 'ir', 'status']) expect(after[channel]).toBe((before[channel] ?? 0) + 1)
  })

  it('a relist without a change publishes nothing, on no channel', async () => {
    const before = await scene.sequences()
    await scene.relist()
    expect(await scene.sequences()).toEqual(before)
  })

  it('another leader publishes no record: a fence and a commit on each of its channels', async () => {
    const before = await scene.sequences()
    await scene.changeLeader()
    for (const channel of ['ir', 'status']) {
      expect(publishedOn(scene.tally, channel)).toEqual({ commits: 1, records: 0, bytes: 0 })
    }
    const after = await scene.sequences()
    expect(after['resource']).toBe(before['resource'])
    expect([after['ir'], after['status']]).toEqual([(before['ir'] ?? 0) + 2, (before['status'] ?? 0) + 2])
  })
})
