// The bench at its smallest, so that it goes on running; what it counts is asserted, times are for `npm run
// bench:propagation`.
import { beforeAll, describe, expect, it, jest } from '@jest/globals'
import { runScene } from './propagation-run.ts'
import { sceneNamed } from './propagation-scenes.ts'
import { type EditFigures, editTable, memoryTable, stageTable } from './result-table.ts'

// Seven seconds where nothing else runs.
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
