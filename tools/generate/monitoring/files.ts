// What the chart `monitoring` installs, by path.
import { resolve } from 'node:path'
import { rulesFile, rulesText } from './alerts.ts'
import { type Dashboard, dashboardJson } from './dashboard.ts'
import { bus, overview } from './overview-dashboards.ts'
import { proxies } from './proxy-dashboards.ts'
import { processes, servers } from './service-dashboards.ts'

export const dashboards: readonly Dashboard[] = [overview, bus, servers, processes, proxies]

const folder = resolve(import.meta.dirname, '../../../charts/monitoring/files')

export function monitoringFiles(): ReadonlyMap<string, string> {
  const head = '# Written by `pnpm reference`: edits are lost.\n'
  return new Map([
    [rulesFile, head + rulesText()],
    ...dashboards.map((dashboard): [string, string] => [
      `${folder}/dashboards/${dashboard.uid}.json`,
      `${JSON.stringify(dashboardJson(dashboard), null, 1)}\n`,
    ]),
  ])
}
