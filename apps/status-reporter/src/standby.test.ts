// What one that does not lead may do, and what is said of it.
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Fault } from '@penstock/fault'
import type { Status } from '@penstock/ir'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { until } from '@penstock/testkit'
import { createFolderTarget } from './folder-target.ts'
import { Reporter } from './reporter.ts'

const group = 'gateway.networking.k8s.io'
const source = { group, kind: 'HTTPRoute', namespace: 'default', name: 'web', uid: 'u', generation: 1 }
const status: Status = {
  ...{ source, conditions: [], parents: [], listeners: [], supportedFeatures: [], fleets: [], finalizers: [] },
}

let parent: string
const folder = (): string => join(parent, 'status')

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'penstock-standby-'))
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

/** A reporter on a folder, and what its readiness was told last. */
function createRig() {
  const closing = new AbortController()
  const seen = { ready: undefined as boolean | undefined, leads: false }
  const onFault = (): void => {
    seen.ready = false
  }
  const leads = (): boolean => seen.leads
  const target = createFolderTarget({ folder: folder(), signal: closing.signal, leads, onFault, onLost: () => {} })
  const reporter = new Reporter({
    config: { controllerName: 'penstock.dev/c', gatewayAddress: '', noProxyMs: 60_000, settleMs: 10 },
    ...{ target, log: silentLogger, meter: silentMeter, onFault },
    writing: { atOnce: 1, paceMs: { first: 0, longest: 0 }, retryMs: 10_000 },
    onWritten: () => (seen.ready = true),
  })
  return {
    seen,
    lead() {
      seen.leads = true
      reporter.lead()
    },
    follow() {
      seen.leads = false
      reporter.follow()
    },
    reporter,
    async [Symbol.asyncDispose]() {
      closing.abort(new Fault('lease_lost', 'the end'))
      await reporter[Symbol.asyncDispose]()
    },
  }
}

/** Leads while something else stands in the folder's place, and leads no more; returns what takes that away. */
async function leadInVain(rig: ReturnType<typeof createRig>): Promise<() => void> {
  const away = `${folder()}.away`
  renameSync(folder(), away)
  writeFileSync(folder(), 'in the way')
  rig.reporter.want(`${group}/HTTPRoute/default/web`, status, 1)
  rig.reporter.begin()
  rig.lead()
  await until('it cannot write', () => rig.seen.ready === false)
  rig.follow()
  return () => {
    rmSync(folder())
    renameSync(away, folder())
  }
}

describe('a standby', () => {
  it('that failed while it led is ready, and writes no more when the folder heals', async () => {
    await using rig = createRig()
    const heal = await leadInVain(rig)
    expect(rig.seen.ready).toBe(true)

    heal()
    rig.lead()
    await until('it writes what is true now', () => readdirSync(folder()).length === 1)
  })

  it('does not write what it was about to when the folder heals', async () => {
    await using rig = createRig()
    const heal = await leadInVain(rig)
    heal()
    // What was on its way is over when the reporter has ended.
    await rig.reporter[Symbol.asyncDispose]()
    expect(readdirSync(folder())).toEqual([])
  })
})
