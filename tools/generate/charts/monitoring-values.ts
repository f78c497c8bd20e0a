// What the chart of alerts and dashboards can be told.
import { alerts } from '../monitoring/alerts.ts'
import { type ChartValues, flag, names, text, texts } from './chart-value.ts'
import { globalValues } from './common-values.ts'

export const monitoringValues: ChartValues = {
  enabled: {
    ...flag('Read by the chart that installs all parts, before `global.monitoring.enabled`.', true),
    unset: true,
  },
  rules: {
    enabled: flag('Whether Prometheus gets our alerts.', true),
    without: {
      ...texts('Names of alerts that are left out.'),
      schema: { type: 'array', items: { enum: [...alerts.keys()] } },
    },
    troubleshootingUrl: text(
      'Where docs/troubleshooting.md can be read, put before the part of it that each alert names in `runbook_url`.',
    ),
  },
  dashboards: {
    enabled: flag('Whether Grafana gets our dashboards.', true),
    labels: { ...names('Labels by which it finds them.'), default: { grafana_dashboard: '1' } },
    annotations: names('Annotations that it reads, such as the folder that they go into.'),
  },
  proxies: { enabled: flag('Whether Prometheus reads the metrics of the proxies of each Gateway.', true) },
  ...globalValues,
}
