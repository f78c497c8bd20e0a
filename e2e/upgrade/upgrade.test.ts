// Two builds of all services, replaced at once and back again under load: readers before writers, whatever the order in
// which they start. No request fails, no edit waits for the end of it, nobody meets what it cannot read. And builds that
// stay mixed: what each mix does, and what an operator sees of it.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { until } from '@penstock/testkit'
import { takePorts } from '../chaos/campaign.ts'
import { createChaosFolder, loadTargets } from '../chaos/chaos-folder.ts'
import { untilServing } from '../chaos/course.ts'
import { type EditWatch, startEditWatch } from '../chaos/edit-watch.ts'
import { createEdits, type Edits } from '../chaos/edits.ts'
import { type Load, type Outcome, startLoad } from '../chaos/load.ts'
import { createOutside, type Outside } from '../chaos/outside.ts'
import { createEveryKind, type EveryKind } from './every-kind.ts'
import { type Build, startTwoBuilds, type TwoBuilds, type Upgraded, upgraded } from './two-builds.ts'

const perSecond = 100
const editEveryMs = 300
const writers = ['watcher', 'translator'] as const

const parts = new AsyncDisposableStack()
const outcomes: Outcome[] = []
let builds: TwoBuilds
let watch: EditWatch
let load: Load
let outside: Outside
let edits: Edits
let everyKind: EveryKind

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
  outside = createOutside(folder.ports, places.statusFolder)
  edits = createEdits(folder, outside)
  everyKind = createEveryKind(edits, watch)
  const { change, moveTo } = edits
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

const readiness = (service: Upgraded, build: Build = 'next'): Promise<string> => builds.page(build, service, '/readyz')

/** Of one edit of each kind in a mix of builds. */
async function sayEveryKind(mix: string): Promise<void> {
  const startMs = performance.now()
  const slowest = Math.round(await everyKind())
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1)
  process.stdout.write(`${mix}: every kind of edit in ${seconds} s, the slowest live after ${slowest} ms\n`)
}

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
      /waits for [^"]*xds-server\.now \(reads ir 1\.0, not 1\.1\)/.test(await readiness('translator'))
    const told = until('the translator says for whom it waits', () => waits().catch(() => false), 120_000)
    const mixed = told.then(() =>
      sayEveryKind('an xds-server of the older build, by which the writers of the newer wait'),
    )
    await builds.rollOut('next', { service: 'xds-server', when: mixed })
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
    const isBack = (name: Upgraded): boolean =>
      when('now', name, 'ready', startMs) > 0 && when('next', name, 'stopped', startMs) > 0
    const others = upgraded.filter((name) => name !== 'xds-server')
    const mixed = until('all but the xds-server are back', () => others.every(isBack), 120_000).then(() =>
      sayEveryKind('an xds-server of the newer build, all else of the older'),
    )
    await builds.rollOut('now', { service: 'xds-server', when: mixed })
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
})

describe('builds that stay mixed', () => {
  const behind = [/status-reporter\.\S+ \(reads status 1\.0, not 1\.1\)/, /xds-server\.now \(reads ir 1\.0, not 1\.1\)/]
  const lateRule = 'http_rule/HTTPRoute/default/late/%230'
  const lateStatus = 'HTTPRoute.default.late'

  it('stay as they are while the newer writer waits: all edits go by the older one', async () => {
    builds.impatient.start()
    builds.slots.next['xds-server'].start()
    // In its log: its readiness says so too, but only as long as it is patient.
    const waits = (): boolean =>
      builds
        .lines('impatient', 'translator', 'readers behind')
        .some(({ readers }) => behind.every((each) => each.test(String(readers))))
    await until('the newer translator says for whom it waits', waits, 60_000)
    expect(await builds.impatient.metric('penstock_bus_readers_behind')).toBe(behind.length)
    await builds.slots.next['xds-server'].waitUntilReady()
    await sayEveryKind('readers and a standby of the newer build, all else of the older')
  }, 120_000)

  it('freeze the readers left behind, and nothing else: they serve, and tell of nothing newer', async () => {
    await builds.impatient.waitUntilReady(60_000)
    expect(builds.lines('impatient', 'translator', 'readers left behind')).toMatchObject([
      { level: 'error', readers: behind.map((each) => expect.stringMatching(each)) },
    ])
    expect(await builds.impatient.metric('penstock_bus_readers_left_behind_total')).toBe(1)
    await builds.slots.now.translator.stop()
    watch.make(edits.add('late'))
    const isThere = async (): Promise<boolean> =>
      /"inStream": ?true/.test(await builds.page('next', 'xds-server', `/debug/bus/ir/${lateRule}`))
    await until('the newer build has written it, and read it', () => isThere().catch(() => false))
    for (const [reader, channel] of [
      ['xds-server', 'ir'],
      ['status-reporter', 'status'],
    ] as const) {
      const slot = builds.slots.now[reader]
      await until(`${reader} holds back`, async () => (await slot.metric('penstock_bus_holding_back')) === 1)
      expect(builds.lines('now', reader, 'commit held back').at(-1)).toMatchObject({
        level: 'error',
        channel,
        reason: 'schema',
      })
      expect(await builds.page('now', reader, '/debug/bus')).toContain('"schema 1 is newer than 0"')
      expect(await readiness(reader, 'now')).toContain('"ready":true')
    }
    expect(await outside.answer('late')).toMatchObject({ status: 404 })
    expect(outside.hasStatus(lateStatus)).toBe(false)
  }, 120_000)

  it('go on when one of them is replaced: proxies by the newer server, while the status stays what it was', async () => {
    await builds.slots.now['xds-server'].stop()
    await until('the proxy has what waited', async () => (await outside.answer('late')).status === 200, 60_000)
    expect(outside.hasStatus(lateStatus)).toBe(false)
    await builds.replace('status-reporter', 'now', 'next')
    await until('its status says so', () => outside.programmed(lateStatus) === 'True', 60_000)
    await sayEveryKind('a watcher of the older build, all else of the newer')
  }, 120_000)

  it('fails no request, and ends nobody who was not told to', async () => {
    await load.stop()
    expect(outcomes.filter(({ failure }) => failure !== undefined)).toEqual([])
    expect(outcomes.length).toBeGreaterThan((load.runMs / 1_000) * perSecond * 0.9)
    const slots = [...Object.values(builds.slots).flatMap((each) => Object.values(each)), builds.impatient]
    const surprises = slots.flatMap((slot) => slot.surprises)
    expect(surprises).toEqual([])
  })
})
