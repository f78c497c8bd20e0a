// The dashboards on a stack that runs, read by a real Prometheus: every panel shows something, or says when it is empty.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { endWithParent, exchange, freePorts, until } from '@penstock/testkit'
import { alerts, rulesFile } from '@penstock/tools/alerts'
import { dashboards } from '@penstock/tools/dashboards'
import { type LocalStack, startLocalStack } from '../start/local-stack.ts'
import { prometheusFolder } from './prometheus.ts'

jest.setTimeout(300_000)
const programs = await prometheusFolder()
const suite = programs === undefined ? describe.skip : describe
const panels = dashboards.flatMap(({ uid, rows }) =>
  Object.values(rows).flatMap((row) => row.map((panel) => [`${uid}: ${panel.title}`, panel] as const)),
)

/** The services in the order of their ports, the first being the third of the stack's. */
const services = ['infra-manager', 'watcher', 'translator', 'xds-server', 'status-reporter']
const deadlineMs = 90_000
/** Why a panel may be empty, and may not be here. */
const refuted: ReadonlySet<string> = new Set([
  ...['nothing was edited', 'nothing was written', 'nothing was sent', 'there was no request', 'no proxy is connected'],
])
let [gatewayPort, basePort, port] = [0, 0, 0]

suite('a dashboard of a stack that runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-dashboards-'))
  let stack: LocalStack
  let prometheus: ChildProcess
  let guard: ChildProcess
  beforeAll(async () => {
    const [first = 0] = await freePorts(14)
    ;[gatewayPort, basePort, port] = [first, first + 3, first + 13]
    const ports = ['--port', `${first}`, '--backend-port', `${first + 1}`, '--base-port', `${basePort}`]
    stack = await startLocalStack(folder, ['--data', 'data', ...ports])
    writeFileSync(join(folder, 'prometheus.json'), JSON.stringify(scrapes(folder)))
    prometheus = spawn(
      join(programs ?? '', 'prometheus'),
      [
        `--config.file=${folder}/prometheus.json`,
        `--storage.tsdb.path=${folder}/tsdb`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    )
    await once(prometheus, 'spawn')
    guard = endWithParent(prometheus.pid as number)
    await until(
      'Prometheus answers',
      async () => (await ask('up').catch(() => [])).length === services.length + 1,
      deadlineMs,
    )
  })
  afterAll(async () => {
    if (prometheus?.exitCode === null) {
      prometheus.kill('SIGKILL')
      await once(prometheus, 'exit')
    }
    guard?.kill('SIGKILL')
    await stack?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  let edits = 0
  /** A day of this stack: a file is edited, and a request comes. */
  async function live(): Promise<void> {
    edits += 1
    const file = join(folder, 'playground/web.yaml')
    const seen = stack.line(/^live HTTPRoute default\/web/)
    writeFileSync(file, readFileSync(file, 'utf8').replace(/value: \/.*/, `value: /${edits}`))
    await seen
    expect(await exchange({ port: gatewayPort, path: `/${edits}` })).toMatchObject({ status: 200 })
  }

  it.each(panels)('%s', async (_name, { queries, emptyWhen }) => {
    for (const { expr } of queries) {
      const query = expr.replaceAll('$namespace', '.*').replaceAll('$__rate_interval', '15s')
      if (emptyWhen !== undefined && !refuted.has(emptyWhen)) await ask(query)
      else {
        await until(
          `data for ${query}`,
          async () => {
            const found = await ask(query)
            if (found.length === 0) await live()
            return found.length > 0
          },
          deadlineMs,
        )
      }
    }
  })

  it('none of the alerts fires', async () => {
    await until('the rules were judged', async () => (await rules()).every(({ health }) => health === 'ok'), deadlineMs)
    const all = await rules()
    expect(all).toHaveLength(alerts.size)
    expect(all.filter(({ state }) => state === 'firing').map(({ name }) => name)).toEqual([])
  })
})

function scrapes(folder: string): object {
  const target = (place: string, labels: object) => [{ targets: [place], labels: { namespace: 'ns', ...labels } }]
  const [proxy = ''] = readdirSync(join(folder, 'data/host/proxies'))
  const admin = readFileSync(join(folder, 'data/host/proxies', proxy, 'admin'), 'utf8').trim()
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rulesFile],
    scrape_configs: [
      ...services.map((service, place) => ({
        job_name: `penstock/${service}`,
        static_configs: target(`127.0.0.1:${basePort + 2 + place}`, { pod: `${service}-0` }),
      })),
      {
        job_name: 'penstock/proxy',
        metrics_path: '/stats/prometheus',
        static_configs: target(admin, { pod: 'proxy-0', gateway: 'demo' }),
      },
    ],
  }
}

async function api(path: string): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)
  const { data, error } = (await answer.json()) as { data?: unknown; error?: string }
  if (error !== undefined) throw new Error(error)
  return data
}

const ask = async (query: string): Promise<readonly object[]> =>
  ((await api(`query?query=${encodeURIComponent(query)}`)) as { result: object[] }).result

interface Rule {
  readonly name: string
  readonly state: string
  readonly health: string
}

const rules = async (): Promise<Rule[]> =>
  ((await api('rules')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules)
