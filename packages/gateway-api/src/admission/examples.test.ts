// The Gateway API's own examples, good and bad, from the module that the CRDs are taken from. It lies in this checkout
// once `generate` has run here; where its output came from a cache, there is nothing to read and the test is skipped.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { createAdmission } from './admission.ts'

const root = join(import.meta.dirname, '../../../..')
const [folder = ''] = globSync('.penstock/go-modules/cache/sigs.k8s.io/gateway-api@*', { cwd: root })
const { admit } = createAdmission()

const documents = (file: string): unknown[] =>
  parseAllDocuments(readFileSync(join(root, folder, file), 'utf8')).flatMap((document) => document.toJS() ?? [])

const filesBelow = (place: string): string[] =>
  folder === '' ? [] : globSync(`${place}/**/*.yaml`, { cwd: join(root, folder) }).sort()

const whenThere = folder !== '' ? describe : describe.skip

whenThere('the examples of the Gateway API', () => {
  it('are admitted', () => {
    const refused = filesBelow('examples').flatMap((file) =>
      documents(file).flatMap((document) => {
        const admitted = admit(document)
        return 'refused' in admitted ? [{ file, refused: admitted.refused }] : []
      }),
    )
    expect(refused).toEqual([])
    expect(filesBelow('examples').length).toBeGreaterThan(50)
  })

  it('are refused where they are wrong', () => {
    const files = filesBelow('hack/invalid-examples')
    expect(files.filter((file) => documents(file).every((document) => 'object' in admit(document)))).toEqual([])
    expect(files.length).toBeGreaterThan(30)
  })
})
