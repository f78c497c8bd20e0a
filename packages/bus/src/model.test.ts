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

interface Stage {
  readonly broker: ModelBroker
  readonly time: Time
  readonly weather: number
}

async function play(stage: Stage, steps: Iterable<Command>): Promise<void> {
  worlds += 1
  await using world = await createWorld({ ...stage, install: `model-${worlds}` })
  for (const role of ['watcher', 'translator', 'reader'] as const) await world.launch(role)
  await fc.asyncModelRun(() => ({ model: { world }, real: world }), steps)
  await world.rest()
}

describe('writers, readers and misfortunes in any order', () => {
  const weather = fc.nat({ max: 1_000 })

  it('in memory', async () => {
    const property = fc.asyncProperty(weather, commands(40, MODEL_REPLAY), async (seed, steps) => {
      await play({ broker: startMemoryBroker(), time: virtualTime(seed), weather: seed }, steps)
    })
    await fc.assert(property, { numRuns: runs(300), ...replayed })
  })

  it('on NATS', async () => {
    await using broker = await startNatsBroker()
    const property = fc.asyncProperty(weather, commands(25, MODEL_REPLAY), async (seed, steps) => {
      await broker.start()
      await play({ broker, time: realTime, weather: seed }, steps)
    })
    await fc.assert(property, { numRuns: runs(4), ...replayed })
  })
})
