// charts/monitoring/files/rules.yaml: all alerts, as Prometheus reads them.
import { resolve } from 'node:path'
import { stringify } from 'yaml'
import type { Alert } from './alert.ts'
import { kubernetesAlerts, proxyAlerts } from './proxy-alerts.ts'
import { busAlerts, serviceAlerts } from './service-alerts.ts'

export const alertGroups = {
  'penstock-services': serviceAlerts,
  'penstock-bus': busAlerts,
  'penstock-proxies': proxyAlerts,
  'penstock-kubernetes': kubernetesAlerts,
} as const

type Groups = typeof alertGroups
export type AlertName = { [G in keyof Groups]: keyof Groups[G] & string }[keyof Groups]

export const alerts: ReadonlyMap<string, Alert> = new Map(
  Object.values(alertGroups).flatMap((group) => Object.entries<Alert>(group)),
)

export const rulesFile = resolve(import.meta.dirname, '../../../charts/monitoring/files/rules.yaml')

export const troubleshooting = 'docs/troubleshooting.md'

export function rulesText(): string {
  const groups = Object.entries(alertGroups).map(([name, group]) => ({
    name,
    rules: Object.entries<Alert>(group).map(([alert, rule]) => ({
      alert,
      expr: rule.expr,
      for: rule.for,
      labels: { severity: rule.severity },
      annotations: {
        summary: rule.summary,
        description: rule.description,
        runbook_url: `${troubleshooting}#${rule.page}`,
      },
    })),
  }))
  return stringify({ groups }, { lineWidth: 0 })
}
