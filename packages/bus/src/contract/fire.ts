// Contract: the broker is killed and frozen while a writer never rests and readers follow. `BUS_FIRE=full` freezes it for
// the ten seconds of the design, and does all of it three times.
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { until } from '@penstock/testkit'
import { type Pen, writeContinuously } from './pen.ts'
import type { Rig } from './rig.ts'
import { createSource, type Source, textsOf, type View, view, type Write, write } from './scene.ts'
import { expectTrueStates } from './witness.ts'

export const fire = process.env['BUS_FIRE'] === 'full' ? { freezeMs: 10_000, times: 3 } : { freezeMs: 1_500, times: 1 }

/** An election among three servers takes up to ten seconds. */
const deadlineMs = 60_000

export function fireContract(rig: () => Rig): void {
  describe('a broker under a writer that never rests', () => underFire(rig))
}

export interface World {
  readonly source: Source
  readonly writer: Write
  readonly pen: Pen
  readonly readers: readonly View[]
}

export async function burning(rig: Pick<Rig, 'connect'>): Promise<World> {
  const settings = { pingMs: 300 }
  const source = createSource({ 'fixed/1': 'stays' })
  const writer = write(await rig.connect({ settings }), source)
  const connect = async (): Promise<View> => view(await rig.connect({ service: 'reader', settings }))
  const readers = await Promise.all([connect(), connect()])
  await Promise.all(readers.map(({ follower }) => follower.whenSynced()))
  return { source, writer, readers, pen: writeContinuously(source, writer) }
}

/** The writer goes on, and what it wrote arrives; nobody ever saw what no commit described, or less than it had. */
export async function expectSurvived(
  rig: Pick<Rig, 'install'>,
  { source, writer, pen, readers }: World,
): Promise<void> {
  const id = await pen.rest()
  expect(writer.publisher.leading).toBe(true)
  await until(
    'every reader has the last commit',
    () => readers.every(({ follower }) => follower.applied >= id),
    deadlineMs,
  )
  for (const reader of readers) {
    expect(reader.texts).toEqual(textsOf(source))
    expect(reader.follower.synced).toBe(true)
    expect(reader.commits.flatMap(({ changes }) => changes).filter(({ key }) => key === 'fixed/1')).toHaveLength(1)
    expectTrueStates(reader, rig.install)
  }
}

/** Some more commits have reached every reader. */
export async function goesOn({ readers }: World): Promise<void> {
  const before = readers.map(({ commits }) => commits.length)
  await until(
    'commits arrive',
    () => readers.every(({ commits }, index) => commits.length > (before[index] ?? 0) + 10),
    deadlineMs,
  )
}

function underFire(rig: () => Rig): void {
  it('killed with -9 and started again, it loses nothing that anybody would miss', async () => {
    const world = await burning(rig())
    for (let time = 0; time < 3 * fire.times; time += 1) {
      await goesOn(world)
      await rig().restart()
    }
    await goesOn(world)
    await expectSurvived(rig(), world)
  })

  it('frozen, it keeps what it has; what is changed meanwhile arrives afterwards', async () => {
    const world = await burning(rig())
    for (let time = 0; time < fire.times; time += 1) {
      await goesOn(world)
      const thaw = await rig().freeze()
      const rounds = world.pen.rounds
      world.source.set('meanwhile/1', `${time}`)
      world.writer.publisher.changed(['meanwhile/1'])
      await delay(fire.freezeMs)
      expect(world.pen.rounds).toBeGreaterThan(rounds)
      thaw()
      await until('the edit of that time arrives', () =>
        world.readers.every(({ texts }) => texts['meanwhile/1'] === `${time}`),
      )
    }
    await goesOn(world)
    await expectSurvived(rig(), world)
  })

  it('killed and wiped, it is filled again under the same readers', async () => {
    const world = await burning(rig())
    for (let time = 0; time < fire.times; time += 1) {
      await goesOn(world)
      await rig().wipe()
    }
    await goesOn(world)
    await expectSurvived(rig(), world)
    for (const { commits } of world.readers) {
      expect(new Set(commits.map(({ streamCreatedMs }) => streamCreatedMs)).size).toBe(fire.times + 1)
    }
  })
}
