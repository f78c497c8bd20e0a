// The charts of this checkout as helm wants them: each with what it depends on inside, with the kinds of the Gateway API,
// and of one version.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse, parseDocument } from 'yaml'
import { writeGatewayApiFiles } from './gateway-api-files.ts'

const source = resolve(import.meta.dirname, '../../charts')

export interface Chart {
  readonly name: string
  readonly type: 'application' | 'library'
  readonly version: string
  readonly appVersion?: string
  readonly dependencies?: readonly { readonly repository: string }[]
}

/** By the name of its folder. */
export const chartFolders: readonly string[] = readdirSync(source).filter((name) =>
  existsSync(join(source, name, 'Chart.yaml')),
)

export const chartOf = (folder: string, charts = source): Chart =>
  parse(readFileSync(join(charts, folder, 'Chart.yaml'), 'utf8')) as Chart

/** What can be installed; the library cannot. */
export const applications: readonly string[] = chartFolders.filter((name) => chartOf(name).type === 'application')

/** Fills a folder with them, of the version that they have or of the one that is given. */
export async function stageCharts(target: string, version?: string): Promise<void> {
  const done = new Set<string>()
  for (const name of chartFolders) stage(name, target, done, version)
  await writeGatewayApiFiles(join(target, 'penstock-crds/files/gateway-api'))
}

/** Dependencies first, since whoever depends on them takes what they depend on along. */
function stage(name: string, target: string, done: Set<string>, version?: string): void {
  if (done.has(name)) return
  done.add(name)
  // What helm or a hand left there of an older state is not of this checkout.
  const isOurs = (path: string): boolean => path !== join(source, name, 'charts')
  cpSync(join(source, name), join(target, name), { recursive: true, filter: isOurs })
  for (const { repository } of chartOf(name).dependencies ?? []) {
    const needed = repository.slice('file://../'.length)
    stage(needed, target, done, version)
    cpSync(join(target, needed), join(target, name, 'charts', needed), { recursive: true })
  }
  if (version !== undefined) writeVersion(join(target, name, 'Chart.yaml'), version)
}

/** A chart of somebody else's program keeps the version of that. */
function writeVersion(file: string, version: string): void {
  const document = parseDocument(readFileSync(file, 'utf8'))
  const { version: before, appVersion, dependencies = [] } = document.toJS() as Chart
  document.set('version', version)
  if (appVersion === before) document.set('appVersion', version)
  dependencies.forEach((_, place) => document.setIn(['dependencies', place, 'version'], version))
  writeFileSync(file, document.toString())
}
