// Every chart that can be installed as an archive of its own, with all that it depends on inside.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChartOptions, openCharts } from './helm.ts'
import { applications, chartOf } from './stage.ts'

export interface PackageOptions extends ChartOptions {
  /** The folder that the archives go into; made, if it is not there. */
  readonly out: string
}

/** The archives, by the name of the chart. */
export async function packageCharts(
  { out, ...options }: PackageOptions,
  say: (sentence: string) => void,
): Promise<ReadonlyMap<string, string>> {
  await using charts = await openCharts(say, options)
  await mkdir(out, { recursive: true })
  const archives = new Map<string, string>()
  for (const name of applications) {
    await charts.helm('package', name, '--destination', out)
    archives.set(name, join(out, `${name}-${chartOf(name, charts.folder).version}.tgz`))
  }
  return archives
}
