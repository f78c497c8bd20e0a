// Whatever happens, in whatever order: at rest every reader has what the writers handed over, and before that no reader
// was ever told a state that no whole commit described. A failure prints a seed, a path and a replayPath: give them as
// MODEL_SEED, MODEL_PATH and MODEL_REPLAY. MODEL_RUNS says how many runs, on each broker.
import { describe, it, jest } from '@jest/globals'
import fc from 'fast-check'
import type { ModelBroker } from './model/broker.ts'
import { type Command, commands } from './model/commands.ts'
import { startMemoryBroker } from './model/memory-broker.ts'
import { startNatsBroker } from './model/nats-broker.ts'
import { realTime, type Time, virtualTime } from './model/time.ts'
import { createWorld } from './model/world.ts'

const { MODEL_RUNS, MODEL_SEED, MODEL_PATH, MODEL_REPLAY } = process.env
const replayed = {
  ...(MODEL_SEED !== undefined && { seed: Number(MODEL_SEED) }),
  ...(MODEL_PATH !== undefined && { path: MODEL_PATH }),
}
const runs = (some: number): number => Number(MODEL_RUNS ?? some)

jest.setTimeout(MODEL_RUNS === undefined ? 120_000 : 24 * 3_600_000)

let worlds = 0

const start = fc.record({
  weather: fc.nat({ max: 1_000 }),
  standbys: fc.boolean(),
})
type Start = typeof start extends fc.Arbitrary<infer S> ? S : never

async function play(
  broker: ModelBroker,
  time: Time,
  { weather, standbys }: Start,
  steps: Iterable<Command>,
): Promise<void> {
  worlds += 1
  await using world = await createWorld({ broker, time, weather, install: `model-${worlds}` })
  for (const role of ['watcher', 'translator', 'reader', 'announcer'] as const) {
    await world.launch(role)
    if (standbys) await world.launch(role)
  }
  await fc.asyncModelRun(() => ({ model: { world }, real: world }), steps)
  await world.rest()
}

describe('writers, readers and misfortunes in any order', () => {
  it('in memory', async () => {
    const property = fc.asyncProperty(start, commands(40, MODEL_REPLAY), (from, steps) =>
      play(startMemoryBroker(), virtualTime(from.weather), from, steps),
    )
    await fc.assert(property, { numRuns: runs(300), ...replayed })
  })

  it('on NATS', async () => {
    await using broker = await startNatsBroker()
    const property = fc.asyncProperty(start, commands(25, MODEL_REPLAY), async (from, steps) => {
      await broker.start()
      await play(broker, realTime, from, steps)
    })
    await fc.assert(property, { numRuns: runs(3), ...replayed })
  })
})
