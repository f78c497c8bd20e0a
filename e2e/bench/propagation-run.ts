// One scene: the stack on its folder, each of its edits on the stack's own proxy, and the same on a plain Envoy beside it.
import type { StackPlane } from '@penstock/tools/stack'
import { type Contender, costOf, type Measured, shows, timesSeen } from './contender.ts'
import { startPlain } from './plain-contender.ts'
import { residentMiB } from './process-cost.ts'
import { type PropagationStack, startStack, untilShown } from './propagation-stack.ts'
import { createQuestioner } from './question.ts'
import type { EditFigures, SceneMemory } from './result-table.ts'
import type { Scene } from './scene.ts'

export interface SceneFigures extends SceneMemory {
  readonly figures: readonly EditFigures[]
}

/** The plain Envoy gets a fourth of the edits: each is slow where that matters. */
export async function runScene(scene: Scene, edits: number): Promise<SceneFigures> {
  await using run = await startRun(scene, 'envoy')
  const { stack } = run
  const scoped = await run.measure(stack.contender, edits)
  await using plain = await startPlain(stack.place)
  const beside = await run.measure(plain, Math.max(5, Math.ceil(edits / 4)))
  const figures = scoped.flatMap((one, at) => [one, ...beside.slice(at, at + 1)])
  const memory = { ...stack.memory(), 'plain Envoy': residentMiB(plain.proxyPid) }
  return { scene: scene.what, figures, memory }
}

/** Without anything beside the stack. */
export async function runAlone(scene: Scene, edits: number, plane: StackPlane): Promise<SceneFigures> {
  await using run = await startRun(scene, plane)
  const { stack } = run
  const figures = await run.measure(stack.contender, edits)
  return { scene: scene.what, figures, memory: stack.memory() }
}

interface Run extends AsyncDisposable {
  readonly stack: PropagationStack
  /** Each kind of edit. */
  measure(contender: Contender, edits: number): Promise<EditFigures[]>
}

async function startRun(scene: Scene, plane: StackPlane): Promise<Run> {
  await using resources = new AsyncDisposableStack()
  const questioner = resources.use(createQuestioner())
  const stack = resources.use(await startStack(scene, plane))
  let edit = 0
  const next = (): number => (edit += 1)
  const running = resources.move()
  return {
    stack,
    measure: (contender, edits) => measureKinds(scene, { stack, contender, questioner, next }, edits),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
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
