// charts/*/values.yaml and their schemas say what the services can be told, or this fails.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { chartFiles } from './charts/charts.ts'

describe('the values of charts', () => {
  it.each([...chartFiles()])('are what `pnpm reference` writes: %s', (path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text)
  })
})
