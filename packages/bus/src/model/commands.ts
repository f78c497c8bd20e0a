// What can happen in the world of the model, as commands that fast-check picks, runs and leaves out again.
import fc from 'fast-check'
import { forgeryNames } from './forger.ts'
import type { Member } from './members.ts'
import { committedChannels, jumpMs, keys, objects, riddle, tooLong } from './scene.ts'
import type { Role, World } from './world.ts'

export type Command = fc.AsyncCommand<{ readonly world: World }, World>

interface Step {
  /** With everything that it was given, for who reads a failure. */
  readonly says: string
  possible?(world: World): boolean
  run(world: World): Promise<void> | void
}

const command = ({ says, possible, run }: Step): Command => ({
  check: ({ world }) => possible?.(world) ?? true,
  async run(_, world) {
    await run(world)
    if (world.ledger.broken !== undefined) throw new Error(world.ledger.broken)
  },
  toString: () => says,
})

type Made = fc.Arbitrary<Command>
const always = (says: string, run: Step['run']): Made => fc.constant(null).map(() => command({ says, run }))

const key = fc.constantFrom(...keys)
const channel = fc.constantFrom(...committedChannels)
const text = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('0', '1', '2') },
  { weight: 1, arbitrary: fc.constant(riddle) },
  { weight: 1, arbitrary: fc.constant(tooLong) },
  { weight: 2, arbitrary: fc.constant(undefined) },
)
const brief = (value: string | undefined): string => (value === tooLong ? 'too long' : (value ?? 'gone'))

const edits: readonly Made[] = [
  fc.uniqueArray(fc.tuple(key, text), { minLength: 1, maxLength: 3, selector: ([each]) => each }).map((some) => {
    const says = `edit ${some.map(([each, to]) => `${each}=${brief(to)}`).join(' ')}`
    return command({ says, run: (world) => world.edit(some) })
  }),
  // More records than one commit takes.
  fc.tuple(fc.subarray(objects, { minLength: 2 }), text).map(([some, to]) => {
    const all = keys.filter((each) => some.includes(each.slice(0, 1)))
    const says = `edit all of ${some.join(' ')}=${brief(to)}`
    return command({ says, run: (world) => world.edit(all.map((each) => [each, to] as const)) })
  }),
  fc.uniqueArray(key, { maxLength: 2 }).map((held) => {
    return command({ says: `hold ${held.join(' ') || 'nothing'}`, run: (world) => world.edit([], new Set(held)) })
  }),
]

/** Something that happens to one member of a role, if there is any. */
const toOne = (roles: readonly Role[], does: string, run: (member: Member, world: World) => void): Made =>
  fc.tuple(fc.constantFrom(...roles), fc.nat(2)).map(([role, place]) =>
    command({
      says: `${role} ${place}: ${does}`,
      possible: ({ members }) => members[role].length > place,
      run(world) {
        const member = world.members[role][place]
        if (member !== undefined) run(member, world)
      },
    }),
  )

const everyone = ['watcher', 'translator', 'reader', 'announcer'] as const
const writers = ['watcher', 'translator'] as const
const readers = ['reader', 'translator'] as const

const trait = fc.record({ deluded: fc.boolean(), known: fc.boolean(), inline: fc.boolean() })

const processes: readonly Made[] = [
  fc.tuple(fc.constantFrom(...everyone, ...writers), trait).map(([role, some]) =>
    command({
      says: `launch ${role} ${Object.entries(some)
        .flatMap(([name, is]) => (is ? [name] : []))
        .join(' ')}`,
      possible: ({ members, broker }) => broker.up && members[role].length < 3,
      run: (world) => world.launch(role, some),
    }),
  ),
  toOne(everyone, 'stop', (member, world) => world.stop(member)),
  toOne(everyone, 'kill', (member, world) => world.kill(member)),
  fc.tuple(fc.constantFrom(...writers), fc.nat(3), fc.boolean()).map(([role, commits, stored]) =>
    command({
      says: `${role} 0: die in commit ${commits}, ${stored ? 'stored' : 'not stored'}`,
      possible: ({ members }) => members[role].length > 0,
      run: ({ members }) => members[role][0]?.process.dieIn(commits, stored),
    }),
  ),
  toOne(writers, 'freeze', ({ process }) => process.freeze()),
  toOne(writers, 'thaw', ({ process }) => process.thaw()),
  toOne(readers, 'pause', ({ process }) => process.pause()),
  toOne(readers, 'resume', ({ process }) => process.resume()),
  toOne(everyone, 'cut', (member, world) => world.cut(member)),
  toOne(everyone, 'join', (member, world) => world.join(member)),
  fc.tuple(fc.nat(1), fc.boolean()).map(([place, known]) =>
    command({
      says: `watcher ${place}: ${known ? 'knows' : 'does not know'}`,
      possible: ({ members }) => members.watcher.length > place,
      run({ members }) {
        const watcher = members.watcher[place]
        if (watcher === undefined) return
        watcher.known = known
        watcher.refresh()
      },
    }),
  ),
  fc.tuple(fc.constantFrom(...writers), fc.nat(1), fc.constantFrom(-jumpMs, jumpMs)).map(([role, place, ms]) =>
    command({
      says: `${role} ${place}: its clock is wrong by ${ms} ms`,
      possible: ({ members }) => members[role].length > place,
      run: ({ members }) => members[role][place]?.process.skew(ms),
    }),
  ),
  fc.tuple(fc.nat(1), fc.constantFrom('x', 'y'), fc.constantFrom('0', '1', undefined)).map(([place, part, to]) =>
    command({
      says: `announcer ${place}: ${part}=${brief(to)}`,
      possible: ({ members }) => members.announcer.length > place,
      run: ({ members }) => members.announcer[place]?.set(part, to),
    }),
  ),
]

const whileDown = (does: (world: World) => Promise<void>): Step['run'] => {
  return async (world) => {
    world.ledger.interrupt()
    await world.broker.stop()
    await does(world)
    await world.broker.start()
  }
}

const misfortunes: readonly Made[] = [
  always('broker: stop', ({ broker, ledger }) => {
    ledger.interrupt()
    return broker.stop()
  }),
  always('broker: start', ({ broker, ledger }) => {
    ledger.interrupt()
    return broker.start()
  }),
  always(
    'broker: restart',
    whileDown(async () => {}),
  ),
  always(
    'broker: lose everything',
    whileDown(({ broker, ledger }) => {
      ledger.lose()
      return broker.wipe()
    }),
  ),
  always('broker: back up', ({ broker }) => broker.backup()),
  always(
    'broker: restore',
    whileDown(({ broker, ledger }) => {
      ledger.lose()
      return broker.restore()
    }),
  ),
  fc.tuple(channel, fc.boolean()).map(([lost, anew]) =>
    command({
      says: `broker: ${lost.name} is deleted${anew ? ' and created anew' : ''}`,
      async run({ broker, forger, ledger }) {
        ledger.lose()
        await broker.deleteStream(forger.streamOf(lost))
        if (anew) await forger.create(lost)
      },
    }),
  ),
  fc
    .constantFrom(...writers)
    .map((service) =>
      command({ says: `${service}: its lease is lost`, run: ({ forger }) => forger.takeLease(service) }),
    ),
  fc.tuple(channel, fc.constantFrom(...forgeryNames), key).map(([into, forgery, at]) =>
    command({
      says: `forge a ${forgery} into ${into.name} at ${at}`,
      run({ forger, ledger }) {
        ledger.disturb()
        return forger.write(into, forgery, at)
      },
    }),
  ),
]

const passing: readonly Made[] = [
  fc
    .constantFrom(0, 1, 5, 20, 100, 400, 1_500, 3_000)
    .map((ms) => command({ says: `wait ${ms} ms`, run: ({ time }) => time.pass(ms) })),
  fc.integer({ min: 1, max: 12 }).map((turns) =>
    command({
      says: `wait ${turns} microtasks`,
      async run() {
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
      },
    }),
  ),
]
const rest = always('rest', (world) => world.rest())

const often = (some: readonly Made[], times: number): Made[] => Array.from({ length: times }, () => some).flat()

const calm = [...often(edits, 4), ...processes, ...often(passing, 6), rest]

/** Half of the histories spare the broker: what only lost lines and processes bring about is seldom met in the others. */
export function commands(maxCommands: number, replayPath: string | undefined): fc.Arbitrary<Iterable<Command>> {
  const limits = { maxCommands, size: 'max', ...(replayPath !== undefined && { replayPath }) } as const
  return fc.oneof(fc.commands(calm, limits), fc.commands([...calm, ...misfortunes], limits))
}
