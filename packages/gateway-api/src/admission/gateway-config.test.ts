// Our own CRD: what a GatewayConfig can say and what it cannot. e2e/admission asks a real API server about the same documents.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { createAdmission } from './admission.ts'

interface Example {
  readonly metadata: { readonly name: string; readonly annotations?: { readonly refused: string } }
}

const folder = join(import.meta.dirname, '../../../../charts/penstock-crds/examples')
const { admit } = createAdmission()

const examplesIn = (file: string): readonly (readonly [string, Example])[] =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => {
    const example = document.toJS() as Example
    return [example.metadata.name, example] as const
  })

describe('a GatewayConfig', () => {
  it.each(examplesIn('gateway-configs.yaml'))('is admitted as it stands: %s', (_, example) => {
    expect(admit(example)).toMatchObject({ object: example })
  })

  it.each(examplesIn('invalid-gateway-configs.yaml'))('is refused: %s', (_, example) => {
    const admitted = admit(example)
    const told = 'refused' in admitted ? admitted.refused.map(({ path, reason }) => `${path} ${reason}`) : []
    expect(told).toHaveLength(1)
    expect(told[0]).toContain(example.metadata.annotations?.refused)
  })
})
