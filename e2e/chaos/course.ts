// Outages one after the other on something that serves requests and takes edits all the while, whatever it is made of.
import { setTimeout as delay } from 'node:timers/promises'
import { exchange, until } from '@penstock/testkit'
import { type EditWatch, startEditWatch } from './edit-watch.ts'
import type { Edit } from './edits.ts'
import { footprintOf, growthSince, type Holder } from './footprint.ts'
import type { Journal, Phase } from './journal.ts'
import { keepStreams, type OpenStream, type StreamTally } from './kept-streams.ts'
import { type Load, startLoad, type Target } from './load.ts'

/** What outages befall. */
export interface Rig {
  readonly targets: readonly Target[]
  readonly streams: readonly OpenStream[]
  nextEdit(): Edit
  /** What is broken all through each outage, and whole in between. */
  readonly broken?: { breakIt(): Edit; mendIt(): Edit }
  /** What must be edited at the end, so that nothing broken or refused is left. */
  lastEdits(): readonly Edit[]
  /** Processes of which we want to know what they hold. */
  holders(): readonly Holder[]
  /** Resources sent to proxies since the start, where somebody counts them. */
  resourcesSent?(): number
  /** Resolves when every service is ready, or `tell` was told which is not. */
  untilReady(tell: (what: string) => void): Promise<void>
}

export interface Outage {
  readonly name: string
  /** Nobody can edit while it lasts. */
  readonly takesNoEdits?: boolean
  /**
   * A stream cannot outlive its proxy, and is opened again. Requests fail only where a proxy ends `at once`: those on its
   * connections are asked again, on others.
   */
  readonly proxiesEnd?: 'in order' | 'at once'
  /** Resolves when it is over. */
  strike(): Promise<unknown>
}

export interface CourseOptions {
  readonly perSecond: number
  readonly editEveryMs: number
  onPhase?(phase: Phase): void
}

export interface Report {
  readonly journal: Journal
  readonly load: Pick<Load, 'asked' | 'runMs'>
  readonly streams: readonly StreamTally[]
  readonly editsMade: number
}

/** Everything that one course needs at hand. */
interface Scene {
  readonly rig: Rig
  readonly journal: Journal
  readonly watch: EditWatch
  readonly editing: Editing
  readonly options: CourseOptions
}

interface Editing {
  start(): void
  stop(): void
}

const settleDeadlineMs = 60_000
/** So many edits made after an outage must arrive too before the next. */
const editsAfter = 3
/** Before the first outage and after the last. */
const calm: Omit<Outage, 'name'> = { strike: () => delay(2_000) }

export async function runCourse(
  rig: Rig,
  journal: Journal,
  outages: readonly Outage[],
  options: CourseOptions,
): Promise<Report> {
  await using parts = new AsyncDisposableStack()
  const watch = parts.use(startEditWatch())
  const editing = editEvery(options.editEveryMs, () => watch.make(rig.nextEdit()))
  parts.defer(() => editing.stop())
  const scene: Scene = { rig, journal, watch, editing, options }

  const before = journal.begin('none, before')
  const { perSecond } = options
  let proxiesEnd: Outage['proxiesEnd']
  const asksAgain = (): boolean => proxiesEnd === 'at once'
  const load = startLoad({ targets: rig.targets, perSecond, asksAgain, onScheduled: () => journal.request() })
  parts.defer(() => load.stop())
  const streams = await keepStreams(rig.streams, (why) => {
    if (proxiesEnd) journal.streamEnded()
    else journal.trouble('stream', why)
    return proxiesEnd !== undefined
  })
  editing.start()
  await under(before, scene, calm)
  for (const outage of outages) {
    const phase = journal.begin(outage.name)
    proxiesEnd = outage.proxiesEnd
    if (rig.broken) watch.make(rig.broken.breakIt())
    await under(phase, scene, outage)
    if (rig.broken) watch.make(rig.broken.mendIt())
  }
  proxiesEnd = undefined
  await under(journal.begin('none, after'), scene, calm)
  editing.stop()
  for (const edit of rig.lastEdits()) watch.make(edit)
  await untilArrived(scene, performance.now(), 0)

  await streams.close()
  await load.stop()
  if (load.asked < (perSecond * load.runMs) / 1_000 - perSecond / 10) journal.trouble('request', 'too few were sent')
  return { journal, load, streams: streams.tallies, editsMade: watch.between(0, Infinity).length }
}

function editEvery(everyMs: number, edit: () => void): Editing {
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => clearInterval(timer)
  return {
    start() {
      stop()
      timer = setInterval(edit, everyMs)
    },
    stop,
  }
}

/** Runs one outage, and waits until nothing shows that it was. */
async function under(phase: Phase, scene: Scene, outage: Omit<Outage, 'name'>): Promise<void> {
  const { rig, watch, journal, editing, options } = scene
  const footprint = footprintOf(rig.holders())
  const sentBefore = rig.resourcesSent?.()
  if (outage.takesNoEdits) {
    editing.stop()
    await untilArrived(scene, performance.now(), 0)
  }
  await outage.strike()
  const overMs = performance.now()
  editing.start()
  await untilArrived(scene, overMs, editsAfter)
  const firstAfter = watch.between(overMs, Infinity).slice(0, editsAfter)
  await rig.untilReady((what) => journal.trouble('process', what))
  const edits = watch.between(phase.startedMs, overMs)
  const shown = outage.takesNoEdits ? firstAfter : edits
  phase.edits = edits.length
  phase.lastLiveMs = Math.max(0, ...shown.map(({ liveMs }) => (liveMs ?? Infinity) - overMs))
  phase.lastToldMs = Math.max(0, ...shown.map(({ toldMs }) => (toldMs ?? Infinity) - overMs))
  if (sentBefore !== undefined) phase.resources = (rig.resourcesSent?.() ?? 0) - sentBefore
  phase.growth = growthSince(footprint, rig.holders())
  options.onPhase?.(phase)
}

/** Waits for all edits that were made until then, and for the first ones that were made later. */
async function untilArrived({ watch, journal }: Scene, untilMs: number, later: number): Promise<void> {
  const lastMs = (): number | undefined => (later === 0 ? untilMs : watch.between(untilMs, Infinity)[later - 1]?.madeMs)
  const haveArrived = (): boolean => watch.missing(lastMs() ?? 0).length === 0 && lastMs() !== undefined
  await until('all edits are in force', haveArrived, settleDeadlineMs).catch(() => {
    const late = watch
      .missing(lastMs() ?? Infinity)
      .map(({ edit, liveMs }) => `${edit.target} ${liveMs ? 'untold' : 'not live'}`)
    journal.trouble('late', `not within ${settleDeadlineMs} ms after the outage: ${late.join(', ')}`)
  })
}

/** Waits until every target is answered by its backend. */
export async function untilServing(targets: readonly (Target & { readonly path?: string })[]): Promise<void> {
  for (const { host, backends: _, ...target } of targets) {
    const asked = { ...target, host: host(0) }
    const isServed = async (): Promise<boolean> => (await exchange(asked)).status === 200
    await until(`${asked.host} is served`, () => isServed().catch(() => false))
  }
}
