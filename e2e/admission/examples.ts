// The Gateway API's own examples, good and bad.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gatewayApiFolder } from '@penstock/tools/gateway-api'
import { parseAllDocuments } from 'yaml'

export interface Example {
  /** The file within the module. */
  readonly from: string
  readonly document: unknown
}

export async function readExamples(): Promise<readonly Example[]> {
  const folder = await gatewayApiFolder()
  const files = ['examples', 'hack/invalid-examples'].flatMap((place) =>
    globSync(`${place}/**/*.yaml`, { cwd: folder }),
  )
  return files.sort().flatMap((from) =>
    parseAllDocuments(readFileSync(join(folder, from), 'utf8'))
      .map((document) => ({ from, document: document.toJS() as unknown }))
      .filter(({ document }) => document !== null),
  )
}
