// The bench's figures as tables that a person can read and paste.
import type { Contender, EditCost } from './contender.ts'
import { percentile } from './process-cost.ts'

export interface EditFigures {
  readonly scene: string
  readonly edit: string
  readonly contender: Contender['name']
  /** File written to the first answer that shows it, ms, one for each edit. */
  readonly seen: readonly number[]
  readonly cost: EditCost
}

export interface SceneMemory {
  readonly scene: string
  /** MiB by process. */
  readonly memory: Readonly<Record<string, number>>
}

const pair = (of: readonly number[]): string => `${percentile(of, 0.5).toFixed(1)} / ${percentile(of, 0.99).toFixed(1)}`

/** What is gained by scopes: the same edit on both. */
export function editTable(figures: readonly EditFigures[]): string {
  const rows = figures.map(({ scene, edit, contender, seen, cost }) => [
    scene,
    edit,
    contender,
    String(seen.length),
    pair(seen),
    cost.proxyCpuMs.toFixed(1),
    cost.bytes.toFixed(0),
    cost.resources.toFixed(1),
  ])
  return table(
    ['scene', 'edit of', 'served', 'edits', 'file → answer p50 / p99 ms', 'Envoy CPU ms', 'bytes', 'resources'],
    rows,
  )
}

/** Where the time of an edit goes on its way through the services: medians, each since the stage before. */
export function stageTable(figures: readonly EditFigures[]): string {
  const rows = figures.map(({ scene, edit, cost: { stagesMs, serviceCpuMs, keys } }) => {
    const at = [stagesMs.heardAt, stagesMs.resourceAt, stagesMs.irAt, stagesMs.acknowledgedAt]
    const medians = at.map((times) => percentile(times, 0.5))
    const steps = medians.map((ms, stage) => (ms - (medians[stage - 1] ?? 0)).toFixed(1))
    const { watcher, translator, nats } = serviceCpuMs
    const cpu = [watcher, translator, serviceCpuMs.server, nats].map((ms) => ms.toFixed(1)).join(', ')
    return [scene, edit, ...steps, pair(stagesMs.acknowledgedAt), cpu, keys.toFixed(0)]
  })
  return table(
    [
      'scene',
      'edit of',
      'file → heard of',
      '→ RESOURCE',
      '→ IR',
      '→ acknowledged',
      'all of it p50 / p99',
      'CPU ms: watcher, translator, xds-server, NATS',
      'keys recomputed',
    ],
    rows,
  )
}

export function memoryTable(scenes: readonly SceneMemory[]): string {
  const names = Object.keys(scenes[0]?.memory ?? {})
  const rows = scenes.map(({ scene, memory }) => [scene, ...names.map((name) => (memory[name] ?? 0).toFixed(0))])
  return table(['scene', ...names], rows)
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
