// Where a stack must be once all is over, whatever it went through.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@penstock/testkit'
import { parseAllDocuments } from 'yaml'
import { allConditions, readStatusFile } from '../features/status-file.ts'
import type { XdsResource } from '../features/xds-wire.ts'
import { type ChaosStackOptions, startChaosStack } from './chaos-stack.ts'

/** Kinds that have a status. */
const told = ['GatewayClass', 'Gateway', 'HTTPRoute']
const mustBeTrue = /^(Accepted|ResolvedRefs|(penstock\.dev\/)?Programmed)$/

type Tell = (difference: string) => void

/** Each object of the folder has a status file that says nothing but good, and there is no other. */
export async function checkStatus(folder: string, statusFolder: string, tell: Tell): Promise<void> {
  const wanted = objectsIn(folder)
  const wrong = (): string[] => {
    const there = readdirSync(statusFolder)
    return [
      ...wanted.filter((file) => !isGood(join(statusFolder, file))).map((file) => `${file} is not right`),
      ...there.filter((file) => !wanted.includes(file)).map((file) => `${file} is too much`),
    ]
  }
  await until('the status is right', () => wrong().length === 0).catch(() => wrong().forEach(tell))
}

/** As status files are named. Text that the watcher refuses is none of them. */
function objectsIn(folder: string): string[] {
  const texts = readdirSync(folder)
    .filter((file) => file !== 'unknown.yaml')
    .map((file) => readFileSync(join(folder, file), 'utf8'))
  return texts
    .flatMap((text) => [...parseAllDocuments(text)])
    .map((document) => (document.toJS() ?? {}) as { kind?: string; metadata?: { name: string } })
    .filter(({ kind = '' }) => told.includes(kind))
    .map(({ kind, metadata }) => `${kind}${kind === 'GatewayClass' ? '' : '.default'}.${metadata?.name}.yaml`)
}

function isGood(path: string): boolean {
  const found = readStatusFile(path)
  const all = found ? allConditions(found) : []
  return all.length > 0 && all.every(({ type, status }) => !mustBeTrue.test(type) || status === 'True')
}

/** A fresh start on the same folder must bring an Envoy to the same bytes. */
export async function compareWithFresh(
  held: ReadonlyMap<string, XdsResource>,
  options: Omit<ChaosStackOptions, 'onResent'>,
  tell: Tell,
): Promise<void> {
  await using fresh = await startChaosStack({ ...options, onResent: () => {} })
  const differing = (): string[] => {
    const names = new Set([...held.keys(), ...fresh.ledger.held.keys()])
    return [...names].filter((name) => !isSame(held.get(name), fresh.ledger.held.get(name)))
  }
  await until('the same bytes', () => differing().length === 0).catch(() => {
    for (const name of differing()) {
      const [here, there] = [held.get(name)?.version ?? 'absent', fresh.ledger.held.get(name)?.version ?? 'absent']
      tell(`${name} is ${here}, and ${there} after a fresh start`)
    }
  })
}

const isSame = (one: XdsResource | undefined, other: XdsResource | undefined): boolean =>
  one !== undefined && other !== undefined && Buffer.compare(one.body, other.body) === 0
