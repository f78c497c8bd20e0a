// What a chart is tried with.
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'

const charts = resolve(import.meta.dirname, '../../charts')

/** The values that a chart is tried with, as arguments of helm; the first is none. */
export async function triedValues(chart: string): Promise<readonly (readonly string[])[]> {
  const files = await readdir(join(charts, chart, 'ci')).catch(() => [])
  return [[], ...files.map((file) => ['--values', join(charts, chart, 'ci', file)])]
}
