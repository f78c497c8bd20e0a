// The Gateway API's own examples, and those of our CRDs, good and bad.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gatewayApiFolder } from '@penstock/tools/gateway-api'
import { parseAllDocuments } from 'yaml'

export interface Example {
  /** The file within the module, or the chart. */
  readonly from: string
  readonly document: unknown
}

export async function readExamples(): Promise<readonly Example[]> {
  const folder = await gatewayApiFolder()
  return [...examplesBelow(folder, ['examples', 'hack/invalid-examples']), ...examplesBelow(ours, ['examples'])]
}

const ours = join(import.meta.dirname, '../../charts/penstock-crds')

function examplesBelow(folder: string, places: readonly string[]): readonly Example[] {
  const files = places.flatMap((place) => globSync(`${place}/**/*.yaml`, { cwd: folder }))
  return files.sort().flatMap((from) =>
    parseAllDocuments(readFileSync(join(folder, from), 'utf8'))
      .map((document) => ({ from, document: document.toJS() as unknown }))
      .filter(({ document }) => document !== null),
  )
}
