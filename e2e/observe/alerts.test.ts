// The alerts, as Prometheus itself judges them: each fires when it should and is silent when not.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { alerts, rulesFile } from '@penstock/tools/alerts'
import { type AlertCase, alertCases } from './alert-cases.ts'
import { prometheusFolder, promtool } from './prometheus.ts'

jest.setTimeout(300_000)
const programs = await prometheusFolder()
const suite = programs === undefined ? describe.skip : describe
const cases = Object.entries<AlertCase>(alertCases)

suite('the alerts', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'penstock-alerts-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const tell = (...args: string[]): Promise<string> => promtool(programs ?? '', ...args)

  it('are rules that Prometheus takes', async () => {
    expect(await tell('check', 'rules', rulesFile)).toContain(`SUCCESS: ${alerts.size} rules found`)
  })

  it.each(cases)(
    '%s fires when it should, and not when it should not',
    async (name, { fires, silent, at, ...more }) => {
      const file = join(folder, `${name}.json`)
      const tests = [
        ['fires', fires, more.alerts ?? 1],
        ['is silent', silent, 0],
      ] as const
      const document = {
        rule_files: [rulesFile],
        evaluation_interval: '1m',
        tests: tests.map(([what, series, count]) => ({
          name: `${name} ${what}`,
          interval: '1m',
          input_series: Object.entries(series).map(([key, values]) => ({ series: key, values })),
          promql_expr_test: [
            {
              expr: `count(ALERTS{alertname="${name}", alertstate="firing"})`,
              eval_time: `${at}m`,
              exp_samples: count === 0 ? [] : [{ labels: '{}', value: count }],
            },
          ],
        })),
      }
      await writeFile(file, JSON.stringify(document))
      await tell('test', 'rules', file)
    },
  )
})
