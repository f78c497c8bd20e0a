// The bench of agentgateway at its smallest, so that it goes on running; what it counts is asserted, times are for `npm run
// bench:agentgateway`.
import { expect, it, jest } from '@jest/globals'
import { flatnessTable, steadyTable } from './agentgateway-table.ts'
import { runAlone } from './propagation-run.ts'
import { sceneNamed } from './propagation-scenes.ts'
import { memoryTable } from './result-table.ts'
import { measureSteady } from './steady-traffic.ts'

// Seven seconds where nothing else runs.
jest.setTimeout(180_000)

it('an edit of a route among ten is one small message', async () => {
  const run = await runAlone(sceneNamed('exact-10'), 4, 'agentgateway')
  const [figures] = run.figures
  if (figures === undefined) throw new Error('no figures')
  expect(figures.contender).toBe('agentgateway')
  expect(figures.seen).toHaveLength(4)
  expect(figures.cost).toMatchObject({ messages: 1, resources: 1 })
  expect(figures.cost.bytes).toBeLessThan(700)
  expect([flatnessTable(run.figures), memoryTable([run])].join()).not.toContain('NaN')
})

it('pods and routes that change all the time are a small message each', async () => {
  const steady = await measureSteady({ applications: 10, seconds: 0.8, stepMs: 100 })
  const { still, churning, refusals } = steady
  expect([still.edits, still.address.messages, still.resource.messages, refusals]).toEqual([0, 0, 0, 0])
  const { edits, address, resource } = churning
  // A route, a new pod, a route, an old pod that goes: four edits, each one resource.
  expect(address.resources / edits).toBeCloseTo(0.5)
  expect(resource.resources / edits).toBeCloseTo(0.5)
  // Fewer where a slow machine takes two edits for one.
  expect(address.messages + resource.messages).toBeLessThanOrEqual(address.resources + resource.resources)
  expect((address.bytes + resource.bytes) / edits).toBeLessThan(700)
  expect(steadyTable(steady)).not.toContain('NaN')
})
