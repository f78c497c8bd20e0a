// Two builds of all services, replaced at once and back again under load: readers before writers, whatever the order in
// which they start. No request fails, no edit waits for the end of it, nobody meets what it cannot read.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { until } from '@penstock/testkit'
import { takePorts } from '../chaos/campaign.ts'
import { createChaosFolder, loadTargets } from '../chaos/chaos-folder.ts'
import { untilServing } from '../chaos/course.ts'
import { type EditWatch, startEditWatch } from '../chaos/edit-watch.ts'
import { createEdits } from '../chaos/edits.ts'
import { type Load, type Outcome, startLoad } from '../chaos/load.ts'
import { createOutside } from '../chaos/outside.ts'
import { type Build, startTwoBuilds, type TwoBuilds, type Upgraded, upgraded } from './two-builds.ts'

const perSecond = 100
const editEveryMs = 300
const writers = ['watcher', 'translator'] as const

const parts = new AsyncDisposableStack()
const outcomes: Outcome[] = []
let builds: TwoBuilds
let watch: EditWatch
let load: Load

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'penstock-upgrade-'))
  parts.defer(() => (process.env.KEEP ? undefined : rmSync(dir, { recursive: true, force: true })))
  const places = { config: join(dir, 'config'), statusFolder: join(dir, 'status'), data: join(dir, 'data') }
  for (const place of Object.values(places)) mkdirSync(place, { recursive: true })
  const folder = createChaosFolder(places.config, await takePorts(parts))
  builds = parts.use(await startTwoBuilds(places))
  const targets = loadTargets(folder.ports)
  await untilServing(targets)
  load = startLoad({ targets, perSecond, onScheduled: () => (outcome) => outcomes.push(outcome) })
  parts.defer(() => load.stop())
  watch = parts.use(startEditWatch())
  const { change, moveTo } = createEdits(folder, createOutside(folder.ports.http, places.statusFolder))
  let number = 0
  const editing = setInterval(() => {
    number += 1
    watch.make(number % 4 === 0 ? moveTo(number % 8 === 0 ? 'v1' : 'v2') : change('edited', number))
  }, editEveryMs)
  parts.defer(() => clearInterval(editing))
}, 120_000)
afterAll(async () => parts.disposeAsync(), 60_000)

/** Since 1970, as log lines have it. */
const when = (build: Build, service: Upgraded, event: string, fromMs: number): number =>
  builds.lines(build, service, event).find(({ time }) => time >= fromMs)?.time ?? Number.NaN

const performanceOf = (epochMs: number): number => epochMs - performance.timeOrigin

/** Waits until what was changed until now is seen, and tells how long each of these edits took. */
async function latencies(fromMs: number): Promise<number[]> {
  const untilMs = performance.now()
  await until('all edits are live', () => watch.missing(untilMs).length === 0, 60_000)
  return watch.between(fromMs, untilMs).map(({ madeMs, liveMs = Number.NaN }) => liveMs - madeMs)
}

function say(what: string, fromMs: number, edits: readonly number[]): void {
  const asked = outcomes.filter(({ scheduledMs }) => scheduledMs >= performanceOf(fromMs))
  const failed = asked.filter(({ failure }) => failure !== undefined)
  const slowest = Math.round(Math.max(...edits))
  process.stdout.write(
    `${what}: ${((Date.now() - fromMs) / 1_000).toFixed(1)} s, ${asked.length} requests, ${failed.length} failed, ` +
      `${edits.length} edits, the slowest live after ${slowest} ms\n`,
  )
}

describe('all services replaced at once', () => {
  it('by the next build: those who read first, the writers after them', async () => {
    const startMs = Date.now()
    const waits = async (): Promise<boolean> =>
      /waits for [^"]*xds-server\.now \(reads ir 1\.0, not 1\.1\)/.test(await builds.checks('next', 'translator'))
    const told = until('the translator says for whom it waits', () => waits().catch(() => false), 120_000)
    await builds.rollOut('next', { service: 'xds-server', when: told })
    const leads = (service: Upgraded): number => when('next', service, 'leading', startMs)
    const ended = (service: Upgraded): number => when('now', service, 'stopping', startMs)
    await until('the next build leads', () => writers.every((name) => leads(name) > 0))
    for (const reader of ['xds-server', 'status-reporter'] as const) {
      expect(leads('translator')).toBeGreaterThan(ended(reader))
    }
    expect(leads('watcher')).toBeGreaterThan(leads('translator'))
    const edits = await latencies(performanceOf(startMs))
    say('upgrade', startMs, edits)
    // Those of before the first new leader went by way of the old ones.
    const early = watch.between(performanceOf(startMs), performanceOf(ended('translator')))
    expect(early.some(({ liveMs = Infinity }) => liveMs < performanceOf(ended('translator')))).toBe(true)
    for (const build of ['now', 'next'] as const) {
      for (const name of upgraded) expect([name, builds.lines(build, name, 'commit held back')]).toEqual([name, []])
    }
  }, 300_000)

  it('and by the build before it: the writers first, by which the readers heal', async () => {
    const startMs = Date.now()
    await builds.rollOut('now')
    const leads = (service: Upgraded): number => when('now', service, 'leading', startMs)
    const ready = (service: Upgraded): number => when('now', service, 'ready', startMs)
    expect(ready('xds-server')).toBeGreaterThan(leads('translator'))
    expect(ready('translator')).toBeGreaterThan(leads('watcher'))
    // What they met and did not read; not one of them had a good state to lose.
    const held = (name: Upgraded): unknown[] =>
      builds.lines('now', name, 'commit held back').map(({ reason }) => reason)
    expect(new Set(['translator', 'xds-server', 'status-reporter'].flatMap((name) => held(name as Upgraded)))).toEqual(
      new Set(['schema']),
    )
    for (const name of upgraded) expect([name, builds.lines('next', name, 'commit held back')]).toEqual([name, []])
    say('rollback', startMs, await latencies(performanceOf(startMs)))
  }, 300_000)

  it('fails no request, and ends nobody who was not told to', async () => {
    await load.stop()
    expect(outcomes.filter(({ failure }) => failure !== undefined)).toEqual([])
    expect(outcomes.length).toBeGreaterThan((load.runMs / 1_000) * perSecond * 0.9)
    const surprises = Object.values(builds.slots).flatMap((slots) =>
      Object.values(slots).flatMap((slot) => slot.surprises),
    )
    expect(surprises).toEqual([])
  })
})
