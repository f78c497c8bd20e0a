// charts/*/values.yaml and their schemas say what the services can be told, and the alerts and dashboards are those of
// their tables, or this fails.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { chartFiles } from './charts/charts.ts'
import { monitoringFiles } from './monitoring/files.ts'

describe('the written files of charts', () => {
  it.each([...chartFiles(), ...monitoringFiles()])('are what `pnpm reference` writes: %s', (path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text)
  })
})
