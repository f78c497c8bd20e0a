// A golden case as the services would see it: its documents admitted, completed and sealed as the watcher does it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSealer } from '@penstock/bus'
import { type Resource, resourceKey, type Secret } from '@penstock/gateway-api'
import { createAdmission } from '@penstock/gateway-api/admission'
import type { GoldenRequest } from '@penstock/testkit'
import { emptyManifest, readManifest, sealSecret } from '@penstock/watcher'
import { parse } from 'yaml'

export interface GoldenCase {
  name: string
  folder: string
  resources: ReadonlyMap<string, Resource>
  requests: readonly GoldenRequest[]
  /** Its proxies are ours to run: that of a case with an infra.yaml, which has one Gateway. */
  managed: boolean
  /** What `UPDATE_GOLDEN=1` writes. */
  generated: readonly string[]
}

/** The time in every case. */
export const nowMs = Date.parse('2026-12-01T00:00:00Z')

export const casesFolder = join(import.meta.dirname, 'cases')
const writtenByHand = ['input.yaml', 'requests.yaml']
const ofEveryCase = ['config.yaml', 'status.yaml', 'envoy.yaml', 'agentgateway.yaml', 'status.agentgateway.yaml']
const ofManaged = 'infra.yaml'

// Fixed, so that sealed bytes are the same in every run. It guards nothing.
const key = 'cGVuc3RvY2sgZ29sZGVuIGNhc2VzLCBub3Qgc2VjcmV0'
export const sealer = createSealer({ current: 'golden', keys: { golden: Buffer.from(key, 'base64').subarray(0, 32) } })
export const admission = createAdmission()
const limits = { maxAliases: 100, maxDocuments: 1_000, maxObjectBytes: 1_500_000 }

/** What every case gets. */
export const defaults = readResources(join(casesFolder, '_defaults.yaml'))

export function caseNames(): string[] {
  return readdirSync(casesFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
}

/** Throws on a case that is not what it should be: a document refused, a file that no check reads. */
export function loadCase(name: string): GoldenCase {
  const folder = join(casesFolder, name)
  const managed = existsSync(join(folder, ofManaged))
  const generated = managed ? [...ofEveryCase, ofManaged] : ofEveryCase
  const stray = readdirSync(folder).filter((file) => ![...writtenByHand, ...generated].includes(file))
  if (stray.length > 0) throw new Error(`golden/cases/${name}: no check reads ${stray.join(', ')}`)
  const resources = new Map([...defaults, ...readResources(join(folder, 'input.yaml'))])
  const requests = parse(readFileSync(join(folder, 'requests.yaml'), 'utf8')) as GoldenRequest[]
  return { name, folder, resources, requests, managed, generated }
}

function readResources(file: string): [string, Resource][] {
  const reader = { admission, limits, lastGood: () => undefined }
  return readManifest(readFileSync(file, 'utf8'), emptyManifest, reader).entries.map(({ object, refusals, line }) => {
    if (!object)
      throw new Error(`${file}:${line} ${refusals.map(({ path, reason }) => `${path}: ${reason}`).join('; ')}`)
    const at = resourceKey(object)
    return [at, object.kind === 'Secret' ? sealSecret(object as Secret, at, sealer) : object]
  })
}
