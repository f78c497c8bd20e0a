// The generators of the property tests: what they make is what an API server hands out.
import { describe, expect, it } from '@jest/globals'
import { resourceKey } from '@penstock/gateway-api'
import { createAdmission } from '@penstock/gateway-api/admission'
import fc from 'fast-check'
import { arbitraries } from '../histories.test-data.ts'

const admission = createAdmission()

describe('every arbitrary object', () => {
  it.each(Object.entries(arbitraries))('%s is admitted, and complete after it', (kind, documents) => {
    fc.assert(
      fc.property(documents, (document) => {
        const admitted = admission.admit(document)
        if ('refused' in admitted) throw new Error(JSON.stringify(admitted.refused))
        expect(resourceKey(admitted.object)).toContain(`/${kind}/`)
        expect(admission.admit(admitted.object)).toEqual(admitted)
      }),
      { numRuns: 200, seed: 1 },
    )
  })
})
