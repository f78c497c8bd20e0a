// The benches on the local stack at their smallest, so that they go on running; what they count is asserted, times are for
// `npm run bench:propagation` and `bench:agentgateway`. All in one file, since the stack has the same ports each time.
import { beforeAll, describe, expect, it, jest } from '@jest/globals'
import { flatnessTable, steadyTable } from './agentgateway-table.ts'
import { runAlone, runScene } from './propagation-run.ts'
import { sceneNamed } from './propagation-scenes.ts'
import { type EditFigures, editTable, memoryTable, stageTable } from './result-table.ts'
import { measureSteady } from './steady-traffic.ts'

// Fifteen seconds where nothing else runs.
jest.setTimeout(180_000)

describe('ten hosts', () => {
  let scoped: EditFigures
  let plain: EditFigures
  let tables: string

  beforeAll(async () => {
    const run = await runScene(sceneNamed('exact-10'), 8)
    const [first, second] = run.figures
    if (first === undefined || second === undefined) throw new Error('no figures')
    scoped = first
    plain = second
    tables = [editTable(run.figures), stageTable([scoped]), memoryTable([run])].join('\n')
  })

  it('are measured on both Envoys', () => {
    expect([scoped.contender, plain.contender]).toEqual(['scoped', 'plain'])
    expect([scoped.seen.length, plain.seen.length]).toEqual([8, 5])
    expect(tables).not.toContain('NaN')
  })

  it('send the table of the edited host, or the table of all', () => {
    expect([scoped.cost.resources, plain.cost.resources]).toEqual([1, 1])
    // A host takes about a hundred bytes.
    expect(scoped.cost.bytes).toBeLessThan(700)
    expect(plain.cost.bytes).toBeGreaterThan(1_000)
  })
})

it('an edit of a route among ten is one small message to an agentgateway', async () => {
  const run = await runAlone(sceneNamed('exact-10'), 4, 'agentgateway')
  const [figures] = run.figures
  if (figures === undefined) throw new Error('no figures')
  expect(figures.contender).toBe('agentgateway')
  expect(figures.seen).toHaveLength(4)
  expect(figures.cost).toMatchObject({ messages: 1, resources: 1 })
  expect(figures.cost.bytes).toBeLessThan(700)
  expect([flatnessTable(run.figures), memoryTable([run])].join()).not.toContain('NaN')
})

it('pods and routes that change all the time are a small message each to an agentgateway', async () => {
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
