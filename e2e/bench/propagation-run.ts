// One scene: the stack on its folder, each of its edits on the stack's own Envoy, then the same on a plain one.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Contender, costOf, type Measured, shows, timesSeen } from './contender.ts'
import { startPlain } from './plain-contender.ts'
import { residentMiB } from './process-cost.ts'
import { PropagationStack, services, untilShown } from './propagation-stack.ts'
import { createQuestioner } from './question.ts'
import type { EditFigures, SceneMemory } from './result-table.ts'
import type { Scene } from './scene.ts'

export interface SceneFigures extends SceneMemory {
  readonly figures: readonly EditFigures[]
}

/** The plain Envoy gets a fourth of the edits: each is slow where that matters. */
export async function runScene(scene: Scene, edits: number): Promise<SceneFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-'))
  using questioner = createQuestioner()
  let edit = 0
  const next = (): number => (edit += 1)
  try {
    await using stack = new PropagationStack(scene, folder)
    await stack.start()
    const measure = (contender: Contender, count: number): Promise<EditFigures[]> =>
      measureKinds(scene, { stack, contender, questioner, next }, count)
    const scoped = await measure(stack.contender, edits)
    await using plain = await startPlain(stack.place)
    const beside = await measure(plain, Math.max(5, Math.ceil(edits / 4)))
    const figures = scoped.flatMap((one, at) => [one, ...beside.slice(at, at + 1)])
    const memory = {
      Envoy: residentMiB(stack.pid('envoy')),
      'plain Envoy': residentMiB(plain.envoyPid),
      ...Object.fromEntries(services.map((service) => [service, residentMiB(stack.pid(service))])),
    }
    return { scene: scene.what, figures, memory }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureKinds(scene: Scene, parts: Omit<Measured, 'kind'>, edits: number): Promise<EditFigures[]> {
  const figures: EditFigures[] = []
  for (const kind of scene.edits) {
    const measured: Measured = { ...parts, kind }
    const first = kind.nth(parts.next())
    parts.stack.write(first.manifest)
    await untilShown(`${parts.contender.name}: ${first.answer}`, () => shows(measured, first))
    // Not counted: the first edits run cold code.
    await timesSeen(measured, Math.ceil(edits / 4))
    const seen = await timesSeen(measured, edits)
    const cost = await costOf(measured, edits)
    figures.push({ scene: scene.what, edit: kind.what, contender: parts.contender.name, seen, cost })
  }
  return figures
}
