// The table of features stands for all that the release has for gateways, by the release's own list.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { gatewayApiFolder } from '../gateway-api-module.ts'
import { claimedFeatures, unclaimed } from './features.ts'

async function released(): Promise<string[]> {
  const folder = join(await gatewayApiFolder(), 'pkg/features')
  const text = readdirSync(folder)
    .filter((file) => file.endsWith('.go') && file !== 'mesh.go')
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n')
  return [...text.matchAll(/\bSupport\w+\s+(?:FeatureName\s+)?=\s+(?:FeatureName\()?"(\w+)"/g)].map(
    ([, name = '']) => name,
  )
}

describe('features', () => {
  it('are all claimed or told why not, and none twice', async () => {
    const known = [...claimedFeatures().keys(), ...Object.keys(unclaimed)].sort()
    expect(known).toEqual([...new Set(await released())].sort())
    expect(known).toHaveLength(new Set(known).size)
  })
})
